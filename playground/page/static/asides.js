import { get } from "./api.js";
import { h, syncList } from "./dom.js";
import { say, time } from "./words.js";

const stored = document.getElementById("stored");
const traffic = document.getElementById("traffic");
let trafficSeen = "";

traffic.addEventListener("toggle", () => {
  trafficSeen = "";
  showTraffic(traffic.dataset.heard);
});

/** Show what is stored about somebody, where it can be looked up. */
export async function showStored(state, name) {
  stored.hidden = !state.offers.stored;
  if (stored.hidden) return;
  document.getElementById("stored-title").textContent = say("stored.title", { name });
  const data = (await get("/play/stored", { viewer: state.viewer })).stored;
  const empty = Object.keys(data).length === 0;
  const draw = () => (empty ? h("p", { class: "nothing" }, say("stored.nothing")) : terms(data));
  syncList(document.getElementById("stored-table"), [{ key: "data", looks: data, draw }]);
}

/** Show the last calls, while the panel is open and there were new ones. */
export async function showTraffic(heard) {
  traffic.dataset.heard = heard;
  if (!traffic.open || heard === trafficSeen) return;
  trafficSeen = heard;
  const { calls } = await get("/play/traffic");
  const items = calls.map((call, place) => ({ key: `${call.at} ${call.method} ${calls.length - place}`, looks: call, draw: () => line(call) }));
  if (items.length === 0) items.push({ key: "none", looks: "", draw: () => h("li", {}, say("traffic.none")) });
  syncList(document.getElementById("traffic-list"), items);
}

function line(call) {
  const platform = say(`platform.${call.platform}`);
  return h(
    "li",
    {},
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("time", { datetime: call.at }, time(new Date(call.at))),
        h("span", { class: "way" }, say(`traffic.${call.direction}`, { platform })),
        h("code", {}, call.method),
        h("span", { class: call.ok ? "ok" : "refused" }, say(call.ok ? "traffic.ok" : "traffic.refused")),
      ),
      h("p", { class: "hint" }, say("traffic.request")),
      h("pre", { tabindex: "0" }, call.request),
      h("p", { class: "hint" }, say("traffic.response")),
      h("pre", { tabindex: "0" }, call.response),
    ),
  );
}

function terms(data) {
  const pairs = Object.entries(data).map(([name, value]) => h("div", {}, h("dt", {}, words(name)), h("dd", {}, cell(value))));
  return h("dl", {}, pairs);
}

function cell(value) {
  if (Array.isArray(value)) return list(value);
  if (value !== null && typeof value === "object") return terms(value);
  if (typeof value === "boolean") return say(value ? "stored.yes" : "stored.no");
  return value === null ? "–" : String(value);
}

function list(values) {
  if (values.length === 0) return "–";
  const [first] = values;
  if (first === null || typeof first !== "object" || Array.isArray(first)) {
    return h("ul", {}, values.map((value) => h("li", {}, cell(value))));
  }
  const names = [...new Set(values.flatMap(Object.keys))];
  return h(
    "table",
    { class: "wide" },
    h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, words(name))))),
    h("tbody", {}, values.map((row) => h("tr", {}, names.map((name) => h("td", {}, cell(row[name] ?? null)))))),
  );
}

function words(name) {
  return name.replaceAll("_", " ");
}
