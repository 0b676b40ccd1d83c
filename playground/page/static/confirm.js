import { h } from "./dom.js";
import { say } from "./words.js";

const dialog = document.getElementById("confirm");

/** Asks before something is done; resolves to whether it was confirmed. */
export function confirmed(text) {
  return new Promise((resolve) => {
    const button = (key, value, style) =>
      h("button", { type: "button", class: style, "data-testid": key, on: { click: () => dialog.close(value) } }, say(key));
    dialog.replaceChildren(
      h("p", { id: "confirm-text" }, text),
      h("div", { class: "row" }, button("confirm.yes", "yes", "primary"), button("confirm.no", "no", "plain")),
    );
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
