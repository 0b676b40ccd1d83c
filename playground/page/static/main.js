import { act, get } from "./api.js";
import { showStored, showTraffic } from "./asides.js";
import { drawPeople, markPerson, setClock, wireControls } from "./controls.js";
import { showFaults, wireFaults } from "./faults.js";
import { showGuide, wireGuide } from "./guide.js";
import { showModal } from "./modal.js";
import { Panel } from "./panel.js";
import { clearToasts, toast } from "./toasts.js";

const PAUSE_WHEN_LOST = 1000;
const scenery = await get("/play/scenery");
const panels = [...document.querySelectorAll(".panel")].map((section) => new Panel(section, scenery));
const toasted = new Set();
const lost = document.getElementById("lost");
const asked = new URLSearchParams(location.search).get("as");
const foremost = scenery.foreground[document.documentElement.lang];
const [admin, member] = foremost;
let viewer = scenery.people.some((person) => person.key === asked) ? asked : admin;
let question = new AbortController();
let arrived = () => {};

function become(key) {
  if (key === viewer) return;
  viewer = key;
  const address = new URL(location.href);
  address.searchParams.set("as", key);
  history.replaceState(null, "", address);
  markPerson(key);
  keepLanguageLinks();
  for (const panel of panels) panel.wait();
  clearToasts();
  question.abort();
}

function keepLanguageLinks() {
  for (const link of document.querySelectorAll(".languages a")) {
    const address = new URL(link.href);
    address.searchParams.set("as", viewer);
    link.href = address;
  }
}

function show(state) {
  for (const panel of panels) panel.show(state);
  showModal(state);
  showGuide(state.guide);
  setClock(state.now);
  for (const platform of ["telegram", "slack"]) showToasts(platform, state[platform].toasts);
  document.getElementById("reset").hidden = !state.offers.reset;
  showTraffic(state.heard);
  showFaults(state.faults);
  document.documentElement.dataset.ready = "";
  arrived();
}

/** Be somebody, and wait until what they see is there. */
async function as(key) {
  if (key === viewer) return;
  const there = new Promise((resolve) => (arrived = resolve));
  become(key);
  await there;
}

/** Where each step of the guide is done: in the first conversation that has come so far. */
const ways = {
  enable: async () => {
    await as(admin);
    return begun().nextToPress();
  },
  opt_in: async () => {
    await as(member);
    return begun().nextToPress();
  },
  share: async () => {
    await as(member);
    return begun().firstLink();
  },
  monday: async () => document.querySelector("[data-jump=monday]"),
};

/** The platform on which the visitor has begun. */
function begun() {
  return panels.find((panel) => panel.hasBot) ?? panels[0];
}

function showToasts(platform, toasts) {
  for (const { id, text, alert, url } of toasts) {
    if (toasted.has(id)) continue;
    toasted.add(id);
    const of = viewer;
    const close = () => act("dismiss", { viewer: of, toast: id });
    if (url) {
      close();
      panels.find((panel) => panel.platform === platform).lead(url);
    }
    if (text) toast(text, { alert, platform, closed: close });
  }
}

/** Ask for news for ever: what is shown to whom, and what is stored about them. */
async function follow() {
  let seen;
  for (;;) {
    question = new AbortController();
    try {
      const wanted = seen?.viewer === viewer ? { viewer, since: seen.version } : { viewer };
      const state = await get("/play/state", wanted, question.signal);
      lost.hidden = true;
      if (state && state.viewer !== viewer) continue;
      if (state) {
        seen = state;
        show(state);
      }
      await showStored(seen, scenery.people.find((person) => person.key === viewer).name);
    } catch (error) {
      if (error.name === "AbortError") continue;
      console.error(error);
      lost.hidden = false;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_WHEN_LOST));
    }
  }
}

drawPeople(scenery.people, foremost, become);
markPerson(viewer);
keepLanguageLinks();
wireControls();
wireFaults(scenery);
wireGuide(ways);
await follow();
