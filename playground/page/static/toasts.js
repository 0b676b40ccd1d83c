import { h } from "./dom.js";
import { say } from "./words.js";

const SECONDS = 7;
const region = document.getElementById("toasts");

/** Takes all toasts off the screen: they were somebody else's. */
export function clearToasts() {
  region.replaceChildren();
}

/**
 * Shows a short text; an alert stays until it is closed. An open dialog shows it itself: what lies below cannot be reached.
 * @param {string} text
 * @param {{alert?: boolean, closed?: () => void}} options
 */
export function toast(text, { alert = false, closed = () => {} } = {}) {
  const close = () => {
    node.remove();
    closed();
  };
  const node = h(
    "div",
    { class: alert ? "toast alert" : "toast", role: alert ? "alert" : null },
    h("p", {}, text),
    h("button", { type: "button", class: "quiet", on: { click: close } }, say("toast.close")),
  );
  (document.querySelector("dialog[open]") ?? region).append(node);
  if (!alert) setTimeout(() => node.isConnected && close(), SECONDS * 1000);
}
