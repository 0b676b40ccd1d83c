/**
 * Links that a platform's own client would follow inside itself: to the bot, to a message.
 * @returns {{kind: "start", payload: string} | {kind: "add"} | {kind: "message", id: string} | {kind: "home"} | null}
 */
export function insideLink(address, bot) {
  const url = new URL(address, location.href);
  if (url.hostname === "t.me") return onTelegram(url, bot);
  if (url.hostname.endsWith("slack.com") || url.protocol === "slack:") return onSlack(url);
  return null;
}

function onTelegram(url, bot) {
  const path = url.pathname.split("/").filter(Boolean);
  if (path[0] === "c" && path.length >= 3) return { kind: "message", id: path.at(-1) };
  if (path[0]?.toLowerCase() !== bot.toLowerCase()) return null;
  if (url.searchParams.has("startgroup")) return { kind: "add" };
  return { kind: "start", payload: url.searchParams.get("start") ?? "" };
}

function onSlack(url) {
  const permalink = /^\/archives\/\w+\/p(\d{10})(\d{6})$/.exec(url.pathname);
  if (permalink) return { kind: "message", id: `${permalink[1]}.${permalink[2]}` };
  return url.pathname === "/app_redirect" || url.protocol === "slack:" ? { kind: "home" } : null;
}
