"use strict";
// The key comes after the # of the address, so that it is in no log; every request carries it, and it only looks.
const key = location.hash.slice(1);
const $ = (selector) => document.querySelector(selector);
const colours = ["#1d3f5e", "#2f6f9f", "#58a4d8", "#f2c14e", "#f0803c", "#d93a2b"];
let bounds = [1, 2, 4, 8, 16];

async function ask(path) {
  const reply = await fetch(path, { headers: { authorization: "Bearer " + key }, cache: "no-store" });
  if (!reply.ok) throw new Error(reply.status === 401 ? "密钥无效或已过期 The key is not valid" : "平台暂时不可用 " + reply.status);
  return reply.json();
}

// Every text from the platform goes in as text, never as markup.
function make(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function row(cells) {
  const line = make("tr");
  line.append(...cells.map(([text, className]) => make("td", text, className)));
  return line;
}

function shown(ms, offset, withDay) {
  const text = new Date(ms + offset * 60000).toISOString();
  return withDay ? text.slice(5, 10) + " " + text.slice(11, 16) : text.slice(11, 16);
}

function drawMap(map) {
  const svg = $("#map svg");
  const points = map.grids.flatMap((grid) => grid.ring);
  if (!points.length) return;
  const lons = points.map((p) => p[0]), lats = points.map((p) => p[1]);
  const west = Math.min(...lons), north = Math.max(...lats);
  const shrink = Math.cos((north / 1e7) * Math.PI / 180);
  const width = (Math.max(...lons) - west) * shrink, height = north - Math.min(...lats);
  const unit = Math.max(width, height) / 1000;
  svg.setAttribute("viewBox", `0 0 ${(width / unit).toFixed(1)} ${(height / unit).toFixed(1)}`);
  for (const grid of map.grids) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    const at = ([lon, lat]) => ((lon - west) * shrink / unit).toFixed(1) + "," + ((north - lat) / unit).toFixed(1);
    shape.setAttribute("points", grid.ring.map(at).join(" "));
    shape.setAttribute("data-grid", grid.code);
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = grid.name;
    shape.append(title);
    svg.append(shape);
  }
}

function colour(open) {
  return colours[bounds.filter((bound) => open >= bound).length];
}

function paint(grids) {
  const load = new Map(grids.map(([code, open, late]) => [code, [open, late]]));
  for (const shape of document.querySelectorAll("#map polygon")) {
    const [open, late] = load.get(shape.dataset.grid) || [0, 0];
    shape.setAttribute("fill", colour(open));
    const title = shape.querySelector("title");
    title.textContent = title.textContent.split(" · ")[0] + ` · ${open} / 超期 ${late}`;
  }
  const legend = $("#legend");
  legend.replaceChildren();
  colours.forEach((fill, at) => {
    const box = make("i");
    box.style.background = fill;
    legend.append(box, at === 0 ? "0" : "≥" + bounds[at - 1]);
  });
}

function show(now) {
  const offset = now.offset_minutes;
  $("#clock").textContent = new Date(now.now + offset * 60000).toISOString().slice(0, 16).replace("T", " ");
  const totals = [["今日上报", now.today], ["今日上报已结", now.closed_today], ["在办", now.open], ["超期未结", now.overdue, "late"],
    ["网格无长或无员", (now.alarms.grid_without_leader || 0) + (now.alarms.grid_without_staff || 0), "late"]];
  $("#totals").replaceChildren(...totals.map(([name, count, className]) => {
    const tile = make("div", null, className);
    tile.append(make("b", count), make("span", name));
    return tile;
  }));
  $("#steps tbody").replaceChildren(...now.steps.map((step) => row(
    [[step.zh], ...step.levels.map((n) => [n]), [step.today], [step.all], [step.overdue, step.overdue ? "late" : ""]])));
  paint(now.grids);
  const late = now.late.map((one) => row(
    [[one.category], [one.grid], [one.org || "—"], [one.due === null ? "—" : shown(one.due, offset, true)]]));
  $("#late tbody").replaceChildren(...(late.length ? late : [row([["无", "none"]])]));
  $("#feed ol").replaceChildren(...now.feed.map((step) => {
    const line = make("li");
    line.append(make("time", shown(step.at, offset)), make("b", step.zh || "变更"), `${step.category} · ${step.grid || "待定网格"} · ${step.case_no || "—"}`);
    return line;
  }));
  document.body.dataset.ready = "yes";
}

function trouble(error) {
  const bar = $("#trouble");
  bar.hidden = !error;
  bar.textContent = error ? error.message : "";
}

async function look() {
  try {
    show(await ask("/hall/v1/now"));
    trouble(null);
  } catch (error) {
    trouble(error);
  }
  setTimeout(look, 5000);
}

ask("/hall/v1/map").then((map) => {
  if (map.district) $("#district").textContent = map.district;
  drawMap(map);
}).catch(trouble).then(look);
