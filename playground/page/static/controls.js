import { act } from "./api.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { closeToasts } from "./toasts.js";
import { has, say, shortDay, time } from "./words.js";

const people = document.getElementById("people");
const clock = document.getElementById("now");
let ahead = 0;

/** Draw the person switcher, who is foremost first; `become(key)` is told whom to be. */
export function drawPeople(cast, foremost, become) {
  const one = (person) =>
    h(
      "button",
      { type: "button", class: "person", "data-person": person.key, "data-testid": `person-${person.key}`, "aria-pressed": "false", on: { click: () => become(person.key) } },
      h("b", {}, person.name),
      role(person) && h("span", {}, role(person)),
    );
  const others = cast.filter((person) => !foremost.includes(person.key));
  const select = h(
    "select",
    { "aria-label": say("you.others"), "data-testid": "person-other", on: { change: () => select.value && become(select.value) } },
    h("option", { value: "" }, say("you.others")),
    others.map((person) => h("option", { value: person.key }, [person.name, role(person)].filter(Boolean).join(" · "))),
  );
  people.replaceChildren(...foremost.map((key) => one(cast.find((person) => person.key === key))), select);
}

/** What is worth knowing of somebody: what they are here, or that their clients speak another language than the page. */
function role(person) {
  if (has(`you.role.${person.key}`)) return say(`you.role.${person.key}`);
  return person.language !== document.documentElement.lang && say(`you.reads.${person.language}`);
}

/** Mark who one is. */
export function markPerson(key) {
  for (const button of people.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.person === key));
  const select = people.querySelector("select");
  select.value = [...select.options].some((option) => option.value === key) ? key : "";
}

/** Set the clock by what the server says; it goes on by itself. */
export function setClock(now) {
  ahead = new Date(now) - Date.now();
  drawClock();
}

function drawClock() {
  const now = new Date(Date.now() + ahead);
  const text = `${shortDay(now)} · ${time(now)}`;
  if (clock.textContent !== text) clock.textContent = text;
  clock.dateTime = now.toISOString();
}

/** Let the buttons of the clock move it, and the reset button begin anew. */
export function wireControls() {
  setInterval(drawClock, 1000);
  const status = document.getElementById("clock-status");
  const jumps = [...document.querySelectorAll("[data-jump]")];
  for (const button of jumps) {
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-busy") === "true") return;
      for (const each of jumps) each.setAttribute("aria-busy", "true");
      closeToasts(); // what was said to somebody an hour ago is no news
      status.textContent = say("clock.moving");
      const answer = await act("clock", { to: button.dataset.jump });
      for (const each of jumps) each.removeAttribute("aria-busy");
      if (answer) setClock(answer.now);
      status.textContent = clock.textContent;
    });
  }
  document.getElementById("reset").addEventListener("click", async () => {
    if ((await confirmed(say("page.reset.sure"))) && (await act("reset", {}))) location.reload();
  });
}
