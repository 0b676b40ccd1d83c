const language = document.documentElement.lang;
const known = await (await fetch(`/play/words/${language}`)).json();
const locale = { en: "en-GB" }[language] ?? language;
const plurals = new Intl.PluralRules(language);

/** A text of the page, its {places} filled in. */
export function say(key, places = {}) {
  return known[key].replace(/\{(\w+)\}/g, (_, name) => places[name]);
}

/** A text that counts something. */
export function count(key, n) {
  return (known[`${key}.${plurals.select(n)}`] ?? known[`${key}.other`]).replace("{n}", n.toLocaleString(language));
}

const formats = new Map();

function format(name, options) {
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }));
  return formats.get(name);
}

/** The day of an instant, as people say it. */
export function day(instant) {
  return format("day", { weekday: "long", day: "numeric", month: "long" }).format(instant);
}

/** The same, for where there is little room. */
export function shortDay(instant) {
  return format("short", { weekday: "long", day: "numeric", month: "short" }).format(instant);
}

/** The time of an instant, in UTC. */
export function time(instant) {
  return format("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(instant);
}

/** Whether a text exists. */
export function has(key) {
  return key in known;
}
