import { act } from "./api.js";
import { Composer } from "./composer.js";
import { confirmed } from "./confirm.js";
import { h, syncList } from "./dom.js";
import { insideLink } from "./inside.js";
import { messageItems, typed } from "./messages.js";
import { toast } from "./toasts.js";
import { count, say } from "./words.js";

const NEAR_THE_END = 80;
const ABOVE = 12;

/** One platform: its conversations as tabs, the messages of the open one, and a composer. */
export class Panel {
  /**
   * @param {HTMLElement} section
   * @param {{links: object[], people: object[], telegram_bot: string}} scenery
   */
  constructor(section, scenery) {
    this.section = section;
    this.scenery = scenery;
    this.platform = section.dataset.platform;
    this.short = section.dataset.short;
    this.tabs = section.querySelector("[role=tablist]");
    this.room = section.querySelector("[role=tabpanel]");
    this.bar = section.querySelector("[data-part=bar]");
    this.list = section.querySelector(".messages");
    this.opened = undefined;
    this.offering = false;
    this.composer = new Composer(section.querySelector("form"), scenery.links, (text, mode) => this.send(text, mode), (text) => this.typed(text));
    if (this.platform === "telegram") this.composer.offerInline(scenery.telegram_bot);
    this.tabs.addEventListener("keydown", (event) => this.moveTab(event));
    this.atEnd = true;
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true); // a picture that comes late takes room
    this.list.addEventListener("click", (event) => this.followInside(event));
  }

  /** Nothing can be done here until what another person sees has come. */
  wait() {
    this.section.inert = true;
  }

  /** Show what the viewer sees now. */
  show(state) {
    this.section.inert = false;
    const anew = this.viewer !== state.viewer;
    this.viewer = state.viewer;
    this.talks = state[this.platform].conversations;
    this.inline = this.platform === "telegram" ? state.inline : [];
    this.advice = this.platform === "telegram" ? state.inline_advice : null;
    if (!this.talks.some((talk) => talk.id === this.opened)) this.opened = this.talks[0].id;
    if (anew) {
      this.composer.turn({}, "");
      this.offering = false;
    }
    this.draw(anew);
  }

  get talk() {
    return this.talks.find((talk) => talk.id === this.opened);
  }

  get place() {
    return { viewer: this.viewer, platform: this.platform, conversation: this.opened };
  }

  draw(anew) {
    this.atEnd = anew || this.seesEnd();
    this.drawTabs();
    this.drawBar();
    if (anew) {
      this.list.setAttribute("aria-busy", "true"); // another conversation is not news to be read out
      this.list.replaceChildren();
      requestAnimationFrame(() => this.list.removeAttribute("aria-busy"));
    }
    for (const named of [this.list, this.list.parentElement]) named.setAttribute("aria-label", say("panel.messages", { title: this.title(this.talk) }));
    this.list.dataset.empty = say(this.talk.kind === "home" ? "panel.empty.home" : "panel.empty");
    syncList(this.list, messageItems(this.talk, this.acts()));
    if (this.atEnd) this.toEnd();
    this.composer.form.hidden = this.talk.kind === "home";
    const person = this.scenery.people.find((one) => one.key === this.viewer);
    this.composer.name(this.title(this.talk), person.name);
    this.drawOffers();
  }

  /** Whether the bot is in the group. */
  get hasBot() {
    return this.talks.some((talk) => talk.kind === "group" && talk.bot);
  }

  /** The bot's newest button in the group, or the one that brings the bot in. */
  nextToPress() {
    const group = this.talks.find((talk) => talk.kind === "group" && talk.bot) ?? this.talks[0];
    this.open(group.id);
    const [message] = [...this.list.querySelectorAll(".message.bot:has(.btn)")].slice(-1);
    return message?.querySelector(".btn") ?? (group.bot ? this.list : this.bar.querySelector(".primary"));
  }

  /** The first link that one may share in the group. */
  firstLink() {
    this.open(this.talks.find((talk) => talk.kind === "group").id);
    return this.composer.form.querySelector(".chip");
  }

  /** To the newest message; where it is longer than the room it begins at the top, to be read from there. */
  toEnd() {
    const last = this.list.lastElementChild;
    const long = last && last.offsetHeight > this.list.clientHeight;
    this.list.scrollTop = long ? last.offsetTop - this.list.offsetTop - ABOVE : this.list.scrollHeight;
  }

  seesEnd() {
    const last = this.list.lastElementChild;
    const below = this.list.scrollTop + this.list.clientHeight;
    return this.list.scrollHeight - below < NEAR_THE_END || (last && last.offsetTop - this.list.offsetTop < below);
  }

  title(talk) {
    if (talk.kind === "home") return say("panel.home");
    return talk.kind === "private" ? say("panel.private") : talk.title;
  }

  drawTabs() {
    const draw = (talk) => () =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-selected": String(talk.id === this.opened),
          "aria-controls": `${this.short}-room`,
          tabindex: talk.id === this.opened ? 0 : -1,
          "data-focus": talk.id,
          "data-testid": `${this.short}-tab-${talk.kind}`,
          on: { click: () => this.open(talk.id) },
        },
        this.title(talk),
      );
    const looks = (talk) => [talk.id === this.opened, talk.title, talk.kind];
    syncList(this.tabs, this.talks.map((talk) => ({ key: talk.id, looks: looks(talk), draw: draw(talk) })));
    this.room.setAttribute("aria-label", this.title(this.talk));
  }

  moveTab(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const here = this.talks.indexOf(this.talk);
    this.open(this.talks[(here + step + this.talks.length) % this.talks.length].id);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  open(id) {
    if (id === this.opened) return;
    this.opened = id;
    this.composer.turn({});
    this.draw(true);
    this.tabs.querySelector("[aria-selected=true]").scrollIntoView({ block: "nearest", inline: "nearest" });
    if (this.talk.kind === "home") act("home", { viewer: this.viewer });
  }

  drawBar() {
    const { kind, bot, members, signs_as_group } = this.talk;
    const button = (key, name, wish, testid) =>
      h("button", { type: "button", class: key.endsWith("remove") ? "quiet" : "primary", "data-focus": key, "data-testid": `${this.short}-${testid}`, on: { click: () => act(name, { ...this.place, ...wish }) } }, say(key));
    const parts = {
      group: () => [
        h("span", {}, h("span", { class: bot ? "dot on" : "dot" }), say(bot ? "panel.bot.here" : "panel.bot.away"), " · ", count("panel.members", members)),
        bot && signs_as_group !== undefined && signs_as_group !== null && this.signer(signs_as_group),
        this.platform === "slack" && bot && button("panel.share", "shortcut", {}, "share"),
        bot ? button("panel.bot.remove", "remove", {}, "remove-bot") : button("panel.bot.add", "invite", {}, "add-bot"),
      ],
      private: () => [
        h("span", {}, say("panel.start.hint")),
        this.platform === "telegram" && this.talk.messages.length === 0 && button("panel.start", "start", {}, "start"),
      ],
      home: () => [h("span", {}, this.talk.title), button("panel.home.open", "home", {}, "home")],
    };
    const looks = [this.opened, kind, bot, members, signs_as_group, this.talk.messages.length === 0, this.viewer];
    syncList(this.bar, [{ key: "bar", looks, draw: () => h("div", { tabindex: "-1" }, parts[kind]()) }]);
  }

  /** Administrators of a Telegram group may hide behind its name. */
  signer(on) {
    return h(
      "button",
      { type: "button", class: "quiet", "aria-pressed": String(on), "data-focus": "panel.sign", "data-testid": `${this.short}-sign`, on: { click: () => act("sign", { ...this.place, on: !on }) } },
      say("panel.sign"),
    );
  }

  acts() {
    const writes = this.talk.kind !== "home";
    return {
      press: (message, button, option) => this.press(message, button, option),
      reply: writes && ((message) => this.composer.turn({ reply: message })),
      edit: writes && ((message) => this.composer.turn({ edit: message }, typed(message.html))),
      remove: writes && ((message) => act("delete", { ...this.place, message: message.id })),
      shorten: writes && this.platform === "slack" && ((message) => act("shortcut", { ...this.place, message: message.id })),
    };
  }

  async press(message, button, option) {
    if (button.kind === "inline") return this.composer.fill(`@${this.scenery.telegram_bot} ${button.options[0] ?? ""}`);
    if (button.kind === "copy") return this.copy(button.options[0]);
    if (button.kind === "url" && this.platform === "telegram") return undefined;
    if (button.confirm && !(await confirmed(button.confirm))) return undefined;
    const wish = { ...this.place, message: message.id, button: button.id };
    return act("press", option === undefined ? wish : { ...wish, option });
  }

  async copy(text) {
    await navigator.clipboard.writeText(text);
    toast(say("message.copied"), { platform: this.platform });
  }

  async send(text, { reply, edit }) {
    if (edit) return (await act("edit", { ...this.place, message: edit.id, text })) !== null;
    const answer = await act("say", { ...this.place, text, ...(reply && { reply_to: reply.id }) });
    this.offering = answer?.inline === true;
    this.toEnd();
    return answer !== null && !this.offering; // the query stays until a result is chosen
  }

  /** As Telegram's clients do: the bot is asked while one types its name and a query, without sending anything. */
  typed(text) {
    if (this.platform !== "telegram") return;
    const [name, query] = text.split(/\s+(.*)/s);
    if (name === `@${this.scenery.telegram_bot}` && query && this.talk.kind !== "home") this.send(text, {});
    else if (this.offering) {
      this.offering = false;
      this.drawOffers();
    }
  }

  drawOffers() {
    const region = this.section.querySelector("[data-part=offers]");
    region.hidden = !this.offering || (this.inline.length === 0 && !this.advice);
    const choose = async (offer) => {
      this.offering = false;
      region.hidden = true;
      if ((await act("choose", { ...this.place, result: offer.id })) !== null) this.composer.clear();
    };
    const draw = (offer) => () =>
      h("li", {}, h("button", { type: "button", "data-testid": "offer", on: { click: () => choose(offer) } }, h("b", {}, offer.title), " ", offer.description));
    const follow = () => {
      this.offering = false;
      region.hidden = true;
      this.start(this.advice.payload);
    };
    const drawAdvice = () => h("li", {}, h("button", { type: "button", class: "quiet", "data-testid": "advice", on: { click: follow } }, this.advice.text));
    const offers = this.inline.map((offer) => ({ key: offer.id, looks: offer, draw: draw(offer) }));
    syncList(region, this.advice ? [{ key: "advice", looks: this.advice, draw: drawAdvice }, ...offers] : offers);
  }

  /** Follow a link as the platform's client would, when it leads to somewhere inside it. */
  followInside(event) {
    const link = event.target.closest("a[href]");
    if (link && this.lead(link.href)) event.preventDefault();
  }

  /** Go where an address leads inside the platform; whether it leads there. */
  lead(address) {
    const goal = insideLink(address, this.scenery.telegram_bot);
    if (!goal) return false;
    if (goal.kind === "message") this.reveal(goal.id);
    else if (goal.kind === "add") act("invite", this.place);
    else if (goal.kind === "home") this.open("home");
    else this.start(goal.payload);
    return true;
  }

  async start(payload) {
    this.open(this.talks.find((talk) => talk.kind === "private").id);
    await act("start", payload ? { viewer: this.viewer, payload } : { viewer: this.viewer });
  }

  reveal(id) {
    const talk = this.talks.find((one) => one.messages.some((message) => message.id === id));
    if (!talk) return;
    this.open(talk.id);
    const node = [...this.list.children].find((one) => one.dataset.key === id);
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
  }
}
