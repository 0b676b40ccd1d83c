import { h, markup } from "./dom.js";
import { day, say, time } from "./words.js";

/**
 * The items of a conversation for `syncList`, a line between days.
 * @param {object} talk the conversation
 * @param {{press: Function, reply: Function, edit: Function, remove: Function}} acts
 */
export function messageItems(talk, acts) {
  const items = [];
  const byId = new Map(talk.messages.map((message) => [message.id, message]));
  let last = "";
  for (const message of talk.messages) {
    const today = day(new Date(message.at));
    if (today !== last && !message.parts) items.push({ key: `day ${message.at.slice(0, 10)}`, looks: today, draw: () => dayLine(today) });
    last = today;
    const answered = message.reply_to !== message.id ? byId.get(message.reply_to) : undefined;
    const quoted = answered && { author: answered.author, text: excerpt(answered.html) };
    items.push({ key: message.id, looks: [message, quoted], draw: () => draw(message, quoted, acts) });
  }
  return items;
}

function dayLine(text) {
  return h("li", { class: "day" }, h("span", {}, text));
}

function draw(message, quoted, acts) {
  if (message.parts) return home(message, acts);
  if (message.service) return h("li", { class: "service", tabindex: "-1" }, markup("span", message.html));
  const classes = ["message"];
  for (const kind of ["mine", "ephemeral"]) if (message[kind]) classes.push(kind);
  if (message.is_bot) classes.push("bot");
  if (quoted) classes.push("answer");
  return h(
    "li",
    { class: classes.join(" "), tabindex: "-1", "data-message": message.id },
    avatar(message),
    h(
      "div",
      { class: "bubble" },
      head(message),
      quoted && h("p", { class: "quoted" }, h("b", {}, quoted.author), " ", quoted.text),
      message.image && h("img", { class: "photo", src: message.image.src, alt: message.image.alt }),
      said(message, (button, option) => acts.press(message, button, option)),
      tools(message, acts),
    ),
  );
}

/** Block by block where the platform has blocks; else the text, and all buttons below it. */
function said(message, press) {
  if (message.pieces?.length > 0) return h("div", { class: "pieces" }, message.pieces.map((piece) => block(piece, press)));
  return [charted(markup("div", message.html, { class: "text" })), message.buttons.length > 0 && buttons(message.buttons, press)];
}

/** An app's home fills the room; nobody has said it. */
function home(message, acts) {
  const press = (button, option) => acts.press(message, button, option);
  return h("li", { class: "home", tabindex: "-1", "data-message": message.id }, message.parts.map((part) => block(part, press)));
}

/** One block of a view: its text, and beside it what can be pressed. */
export function block(part, press) {
  return h("div", { class: "block" }, part.html && charted(markup("div", part.html, { class: "text" })), part.buttons.length > 0 && buttons(part.buttons, press));
}

/** Draw each number of a chart's table as a bar behind it. */
function charted(text) {
  for (const table of text.querySelectorAll("table.chart")) {
    const cells = [...table.querySelectorAll("td")];
    const most = Math.max(...cells.map((cell) => Number(cell.textContent)));
    for (const cell of cells) cell.style.setProperty("--share", `${(100 * Number(cell.textContent)) / most}%`);
  }
  return text;
}

function avatar(message) {
  if (message.is_bot) return h("img", { class: "avatar", src: "/static/mark.svg", alt: "", width: 36, height: 36 });
  const hue = [...message.author].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, [...message.author][0]);
}

function head(message) {
  const at = new Date(message.at);
  return h(
    "p",
    { class: "head" },
    h("b", { class: "author" }, message.author),
    message.is_bot && h("span", { class: "badge" }, say("message.bot")),
    h("time", { datetime: message.at }, time(at)),
    message.edited && h("span", { class: "note" }, say("message.edited")),
    message.ephemeral && h("span", { class: "note only" }, say("message.ephemeral")),
  );
}

/** Rows of buttons, links and menus; `press(button, option)` is told of each use. */
function buttons(rows, press) {
  return h("div", { class: "buttons" }, rows.map((row) => h("div", { class: "row" }, row.map((one) => draws(one, press)))));
}

function draws(button, press) {
  const props = { class: `btn ${button.style ?? ""}`, "data-testid": "btn", "data-focus": button.id };
  const on = { click: () => press(button) };
  if (button.kind === "url") return h("a", { ...props, href: button.url, target: "_blank", rel: "noopener noreferrer", on }, button.label);
  if (button.kind === "menu") return menu(button, press);
  return h("button", { ...props, type: "button", on }, button.label);
}

function menu(button, press) {
  const many = ["checkboxes", "multi_static_select"].includes(button.element);
  if (!many && ["datepicker", "timepicker"].includes(button.element)) return moment(button, press);
  const list = h("div", { class: "menu-list" });
  const details = h("details", { class: "menu" }, h("summary", { class: "btn", "data-testid": "btn", "data-focus": button.id, "aria-label": button.label === "⋯" ? say("message.choose") : null }, button.label), list);
  if (many) {
    const boxes = button.options.map((option) => h("input", { type: "checkbox", value: option.value }));
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    list.append(
      ...button.options.map((option, place) => h("label", {}, boxes[place], option.label)),
      h("button", { type: "button", class: "btn", on: { click: () => press(button, chosen()) } }, say("message.choose")),
    );
  } else {
    for (const option of button.options) {
      const click = () => {
        details.open = false;
        press(button, option.value);
      };
      list.append(h("button", { type: "button", "data-testid": "option", on: { click } }, option.label));
    }
  }
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.firstElementChild.focus();
  });
  return details;
}

function moment(button, press) {
  const field = h("input", { type: button.element === "datepicker" ? "date" : "time", "aria-label": button.label });
  const click = () => field.value && press(button, field.value);
  return h("span", { class: "moment" }, field, h("button", { type: "button", class: "btn", on: { click } }, say("message.choose")));
}

function tools(message, acts) {
  const one = (key, act) =>
    h("button", { type: "button", class: "quiet", "data-focus": key, on: { click: () => act(message) } }, say(key));
  return h(
    "div",
    { class: "tools" },
    acts.reply && !message.ephemeral && one("message.reply", acts.reply),
    acts.shorten && message.mine && !message.ephemeral && one("message.shorten", acts.shorten),
    acts.edit && message.mine && !message.ephemeral && one("message.edit", acts.edit),
    acts.remove && (message.mine || message.ephemeral) && one("message.delete", acts.remove),
  );
}

/** The words of safe markup, cut short. */
export function excerpt(html) {
  const text = new DOMParser().parseFromString(html.replaceAll("<br>", "\n"), "text/html").body.textContent.trim();
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** The text of a message as its author typed it. */
export function typed(html) {
  return new DOMParser().parseFromString(html.replaceAll("<br>", "\n"), "text/html").body.textContent.trim();
}
