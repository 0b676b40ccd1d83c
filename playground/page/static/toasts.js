import { h } from "./dom.js";
import { say } from "./words.js";

const SECONDS = 7;
const closing = new WeakMap();
const page = document.getElementById("toasts");

/** Takes all toasts off the screen: they were somebody else's. */
export function clearToasts() {
  for (const region of document.querySelectorAll(".toasts")) region.replaceChildren();
}

/** Closes all toasts, as if somebody had read them. */
export function closeToasts() {
  for (const node of document.querySelectorAll(".toast")) closing.get(node)();
}

/**
 * Shows a short text, on a platform's own side or for the page. An alert stays until it is closed or the next one comes.
 * An open dialog shows it itself: what lies below cannot be reached.
 * @param {string} text
 * @param {{alert?: boolean, refused?: boolean, platform?: string, closed?: () => void}} options
 */
export function toast(text, { alert = false, refused = false, platform = undefined, closed = () => {} } = {}) {
  const own = platform && document.querySelector(`[data-platform=${platform}] .toasts`);
  const region = document.querySelector("dialog[open]") ?? own ?? page;
  const stays = alert || refused;
  const close = () => {
    node.remove();
    closed();
  };
  const node = h(
    "div",
    { class: refused ? "toast refused" : "toast", role: stays ? "alert" : null },
    h("p", {}, text),
    h("button", { type: "button", class: "quiet", on: { click: close } }, say("toast.close")),
  );
  for (const older of region.querySelectorAll(".toast")) closing.get(older)();
  closing.set(node, close);
  region.append(node);
  if (!stays) setTimeout(() => node.isConnected && close(), SECONDS * 1000);
}
