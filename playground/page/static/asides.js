import { get } from "./api.js";
import { h, syncList } from "./dom.js";
import { count, has, say, time } from "./words.js";

const stored = document.getElementById("stored");
const traffic = document.getElementById("traffic");
const LONG_ID = /^[0-9a-f]{32}$/;
let trafficSeen = "";

traffic.addEventListener("toggle", () => {
  trafficSeen = "";
  showTraffic(traffic.dataset.heard);
});

/** Show what is stored about somebody, where it can be looked up. */
export async function showStored(state, name) {
  const data = state.offers.stored && (await get("/play/stored", { viewer: state.viewer }));
  stored.hidden = !data;
  if (stored.hidden) return;
  document.getElementById("stored-title").textContent = say("stored.title", { name });
  const { theirs, nobodys, searched } = data.stored;
  const items = theirs.map(({ group, tables }) => ({ key: `group ${group}`, looks: tables, draw: () => ofGroup(group, tables) }));
  if (theirs.length === 0) items.push({ key: "nothing", looks: searched, draw: () => nothing(searched) });
  syncList(document.getElementById("stored-table"), items);
  syncList(document.getElementById("stored-nobodys"), nobodys.map((each) => ({ key: each.table, looks: each, draw: () => ofNobody(each) })));
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

function nothing(searched) {
  return h(
    "div",
    { "data-testid": "stored-nothing" },
    h("p", { class: "nothing" }, say("stored.nothing")),
    h("p", { class: "hint" }, say("stored.searched"), " ", searched.flatMap((name, place) => [place > 0 && ", ", h("code", {}, name)])),
  );
}

function ofGroup(group, tables) {
  return h("section", { class: "of-group", "data-testid": "stored-group" }, h("h3", {}, group), tables.map(ofTable));
}

function ofTable({ table, rows }) {
  const columns = Object.keys(rows[0]);
  const caption = h("caption", {}, h("b", {}, known(`stored.table.${table}`, table)), " ", h("code", {}, table));
  const head = h("tr", {}, columns.map((name) => h("th", { scope: "col" }, known(`stored.column.${name}`, name))));
  const body = rows.map((row) => h("tr", {}, columns.map((name) => h("td", {}, cell(row[name])))));
  const name = known(`stored.table.${table}`, table);
  const why = has(`stored.note.${table}`) && h("p", { class: "hint" }, say(`stored.note.${table}`));
  return [
    h("div", { class: "wide", tabindex: "0", role: "group", "aria-label": name, "data-testid": `stored-${table}` }, h("table", {}, caption, h("thead", {}, head), h("tbody", {}, body))),
    why,
  ];
}

function ofNobody({ table, rows }) {
  return h("li", {}, h("code", {}, table), h("b", {}, count("stored.rows", rows)), h("span", { class: "hint" }, known(`stored.why.${table}`, table)));
}

function known(key, otherwise) {
  return has(key) ? say(key) : otherwise;
}

function cell(value) {
  if (typeof value === "boolean") return say(value ? "stored.yes" : "stored.no");
  if (Array.isArray(value)) return value.map(worded).join(", ") || "–";
  if (value === null) return "–";
  return LONG_ID.test(value) ? h("code", { title: value }, `${value.slice(0, 8)}…`) : worded(String(value));
}

function worded(value) {
  return known(`stored.value.${value}`, value);
}
