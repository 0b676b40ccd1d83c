import { act } from "./api.js";
import { h } from "./dom.js";
import { block } from "./messages.js";
import { say } from "./words.js";

const dialog = document.getElementById("modal");
const FIELD_TYPES = { email_text_input: "email", url_text_input: "url", number_input: "number", datepicker: "date", timepicker: "time" };
const MANY = new Set(["checkboxes", "multi_static_select"]);
let viewer = "";
let looks = "null";
let opener = null;

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  act("modal", { viewer, answer: "close" });
});

/** Show the modal that is open for the viewer, if any; what was filled in stays while it is the same one. */
export function showModal(state) {
  const modal = state.slack.modal;
  viewer = state.viewer;
  if (JSON.stringify([viewer, modal]) === looks) return;
  looks = JSON.stringify([viewer, modal]);
  if (!modal) {
    close();
    return;
  }
  if (!dialog.open) opener = document.activeElement;
  const held = dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  const kept = dialog.dataset.view === modal.id ? values(dialog.querySelector("form")) : {};
  dialog.dataset.view = modal.id;
  dialog.replaceChildren(form(modal, kept));
  if (!dialog.open) dialog.showModal();
  const again = held && [...dialog.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === held);
  (dialog.querySelector("[aria-invalid]") ?? (again || dialog.querySelector("input, select, textarea, button"))).focus();
}

/** Close; the focus goes back to what opened it, or to what was drawn in its place meanwhile. */
function close() {
  if (!dialog.open) return;
  dialog.close();
  const panel = document.querySelector("[data-platform=slack]");
  const same = [...panel.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === opener?.dataset.focus);
  if (document.activeElement === document.body) (same ?? panel.querySelector(".messages")).focus();
}

function form(modal, kept) {
  const submit = async (event) => {
    event.preventDefault();
    await act("modal", { viewer, answer: "submit", values: values(event.target), platform: "slack" });
  };
  const press = (button, option) =>
    act("press", { viewer, platform: "slack", conversation: "modal", message: modal.id, button: button.id, ...(option !== undefined && { option }) });
  const close = () => act("modal", { viewer, answer: "close" });
  return h(
    "form",
    { novalidate: true, on: { submit } },
    h("h2", { id: "modal-title" }, modal.title),
    modal.parts.map((part) => {
      const input = part.input && modal.inputs.find((one) => one.id === part.input);
      return input ? field(input, kept[input.id], modal.errors[input.id]) : block(part, press);
    }),
    h(
      "div",
      { class: "row" },
      modal.submit && h("button", { type: "submit", class: "primary", "data-testid": "modal-submit" }, modal.submit),
      h("button", { type: "button", class: "plain", "data-testid": "modal-close", on: { click: close } }, modal.close),
    ),
  );
}

function field(input, kept, error) {
  const id = `field-${input.id}`;
  const hint = input.hint && h("span", { class: "hint", id: `${id}-hint` }, input.hint);
  const trouble = error && h("span", { class: "error", id: `${id}-error` }, error);
  const props = {
    id,
    "aria-invalid": error ? "true" : null,
    "aria-describedby": [hint?.id, trouble?.id].filter(Boolean).join(" ") || null,
  };
  const label = [input.label, input.optional && h("span", { class: "hint" }, ` (${say("modal.optional")})`)];
  const holder = { class: "field", "data-input": input.id, "data-type": input.type };
  if (MANY.has(input.type) || input.type === "radio_buttons") {
    return h("fieldset", holder, h("legend", {}, label), choices(input, kept), hint, trouble);
  }
  return h("div", holder, h("label", { for: id }, label), control(input, kept, props), hint, trouble);
}

function control(input, kept, props) {
  if (input.options.length > 0) {
    const chosen = kept ?? input.initial?.value ?? input.initial ?? "";
    const options = input.options.map((one) => h("option", { value: one.value, selected: one.value === chosen }, one.label));
    return h("select", props, h("option", { value: "" }, input.placeholder ?? "–"), options);
  }
  const value = kept ?? input.initial ?? "";
  const shared = { ...props, value, placeholder: input.placeholder, maxlength: input.max_length };
  if (input.multiline) return h("textarea", { ...shared, rows: 4 });
  return h("input", { ...shared, type: FIELD_TYPES[input.type] ?? "text" });
}

function choices(input, kept) {
  const initial = [input.initial ?? []].flat().map((one) => one.value);
  const chosen = new Set(kept === undefined ? initial : [kept].flat());
  const type = input.type === "radio_buttons" ? "radio" : "checkbox";
  return input.options.map((one) =>
    h("label", {}, h("input", { type, name: `choice-${input.id}`, value: one.value, checked: chosen.has(one.value) }), one.label),
  );
}

function values(filled) {
  const found = {};
  for (const holder of filled?.querySelectorAll("[data-input]") ?? []) {
    const ticked = [...holder.querySelectorAll("input:checked")].map((box) => box.value);
    if (MANY.has(holder.dataset.type)) found[holder.dataset.input] = ticked;
    else if (holder.dataset.type === "radio_buttons") found[holder.dataset.input] = ticked[0];
    else found[holder.dataset.input] = holder.querySelector("input, select, textarea").value;
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
