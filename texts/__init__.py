"""What people read: catalogues in English and French, notices, dates and plurals. Spoken by bots and web."""
