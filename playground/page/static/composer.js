import { h } from "./dom.js";
import { say } from "./words.js";

const SHOWN_FIRST = 4;
const TYPING_PAUSE = 300;

/** Where messages are written: a field, a reply or an edit in progress, and links to share. */
export class Composer {
  /**
   * @param {HTMLFormElement} form
   * @param {{key: string, url: string}[]} links
   * @param {(text: string, mode: object) => Promise<boolean>} send true when the text was taken
   * @param {(text: string) => void} typed told what stands there when the typing pauses
   */
  constructor(form, links, send, typed) {
    this.form = form;
    this.field = form.querySelector("textarea");
    this.mode = {};
    this.send = send;
    this.typed = typed;
    this.field.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      } else if (event.key === "Escape") this.turn({});
    });
    this.drawChips(links);
  }

  /** What is written has changed: whoever wants to answer while one types waits for a pause. */
  changed() {
    clearTimeout(this.pausing);
    this.pausing = setTimeout(() => this.typed(this.field.value.trim()), TYPING_PAUSE);
  }

  async submit() {
    const text = this.field.value.trim();
    if (!text || this.form.getAttribute("aria-busy") === "true") return;
    this.form.setAttribute("aria-busy", "true");
    const taken = await this.send(text, this.mode);
    this.form.removeAttribute("aria-busy");
    if (!taken) return;
    this.clear();
    this.turn({});
  }

  clear() {
    this.field.value = "";
    this.changed();
  }

  /** Begin a reply (`{reply: message}`), an edit (`{edit: message}`), or neither. */
  turn(mode, text = undefined) {
    this.mode = mode;
    if (text !== undefined) this.field.value = text;
    const bar = this.form.querySelector("[data-part=mode]");
    bar.hidden = !mode.reply && !mode.edit;
    if (bar.hidden) return;
    const words = mode.reply ? say("composer.reply", { name: mode.reply.author }) : say("composer.edit");
    const cancel = () => this.turn({}, mode.edit ? "" : undefined);
    bar.replaceChildren(h("span", {}, words), h("button", { type: "button", class: "quiet", on: { click: cancel } }, say("composer.cancel")));
    this.field.focus();
  }

  /** Put a text where the next message is written. */
  fill(text) {
    const before = this.field.value.trimEnd();
    this.field.value = before ? `${before} ${text}` : text;
    this.field.focus();
    this.changed();
  }

  drawChips(links) {
    const chip = (link) =>
      h("button", { type: "button", class: "chip", title: link.url, "data-testid": `link-${link.key}`, on: { click: () => this.fill(link.url) } }, say(`link.${link.key}`));
    const more = h("details", { class: "more" }, h("summary", { class: "chip" }, say("composer.more")), h("div", { class: "chips" }, links.slice(SHOWN_FIRST).map(chip)));
    more.querySelector("div").addEventListener("click", () => (more.open = false)); // what was chosen stands in the field
    const title = h("span", { class: "hint" }, say("composer.links"));
    this.form.querySelector("[data-part=chips]").replaceChildren(title, ...links.slice(0, SHOWN_FIRST).map(chip), more);
  }

  /** Offer to write through the bot: its name goes before the address. */
  offerInline(bot) {
    const begin = () => {
      this.field.value = `@${bot} ${this.field.value.replace(`@${bot}`, "").trim()}`;
      this.field.focus();
      this.changed();
    };
    const chip = h("button", { type: "button", class: "chip", "data-testid": "inline", on: { click: begin } }, `@${bot} …`);
    this.form.querySelector("[data-part=chips]").append(chip);
  }

  /** Name the field by the conversation and the person. */
  name(title, name) {
    const label = say("composer.label", { title, name });
    this.field.setAttribute("aria-label", label);
    this.field.placeholder = label;
  }
}
