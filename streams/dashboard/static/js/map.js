// The map: moves only when something else is looked at, and is told everything by the page.
import { layers, paint } from "./map_layers.js";
import { go } from "./select.js";
import { say } from "./follow.js";

const NOTHING = { type: "FeatureCollection", features: [] };
let shown = null;
let view = null;
let fences = null;
let based = false;

export function map() {
  const place = document.getElementById("map");
  if (!place) return;
  try {
    maplibregl.setWorkerUrl("/static/vendor/maplibre-gl-csp-worker.js");
    shown = new maplibregl.Map({
      container: place,
      style: { version: 8, sources: sources(), layers: [] },
      center: [0, 0],
      zoom: 1,
      attributionControl: document.body.dataset.tilesCredit ? { customAttribution: escaped(document.body.dataset.tilesCredit) } : false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
    });
  } catch {
    say("This browser cannot draw the map; everything else works.");
    return;
  }
  shown.touchZoomRotate.disableRotation();
  shown.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  shown.on("load", () => document.fonts.load("500 24px Inter").finally(begin));
}

function begin() {
  layers(shown, document.body.dataset.tiles);
  for (const layer of ["marks", "stops"]) {
    shown.on("click", layer, (event) => go(event.features[0].properties.link));
    shown.on("mouseenter", layer, () => { shown.getCanvas().style.cursor = "pointer"; });
    shown.on("mouseleave", layer, () => { shown.getCanvas().style.cursor = ""; });
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(shown));
  document.addEventListener("headway:scene", update);
  update();
}

function update() {
  const element = document.getElementById("scene");
  if (!element) return;
  const scene = JSON.parse(element.dataset.scene);
  shown.getSource("lines").setData(collection(scene.lines.map(line)));
  shown.getSource("stops").setData(collection(scene.stops.map(stop)));
  shown.getSource("marks").setData(collection(scene.marks.map(mark)));
  if (!based) {
    based = true;
    fill("base", "/base-map.json").then((filled) => { based = filled; });
  }
  if (element.dataset.fences !== fences) {
    fences = element.dataset.fences;
    const now = document.getElementById("clock").dataset.nowMs;
    fill("fences", `/fences.json?now_ms=${now}`).then((filled) => { if (!filled) fences = null; });
  }
  if (scene.view !== view) move(scene);
  shown.once("idle", () => { document.getElementById("map").dataset.drawn = scene.view; });
}

// False where the server is away: what is drawn stays, and the next change asks again.
async function fill(source, address) {
  try {
    const answer = await fetch(address);
    shown.getSource(source).setData(await answer.json());
    return true;
  } catch {
    return false;
  }
}

// The routes that are drawn, else everybody.
function move(scene) {
  const routed = [...scene.lines.flatMap((one) => one.points), ...scene.stops.map((one) => one.at)];
  const people = scene.marks.map((one) => one.at);
  const points = routed.length ? routed : people.length ? people : scene.around;
  if (!points.length) return;
  const bounds = points.reduce((box, point) => box.extend(point), new maplibregl.LngLatBounds(points[0], points[0]));
  // Of one stop and its taker something around them is to be seen as well.
  const maxZoom = scene.lines.some((one) => one.kind === "given") ? 13 : 14.5;
  shown.fitBounds(bounds, { padding: { top: 44, bottom: 44, left: 72, right: 72 }, maxZoom, duration: view === null ? 0 : 500 });
  view = scene.view;
}

function line(one) {
  return feature({ type: "LineString", coordinates: one.points }, { kind: one.kind });
}

function stop(one) {
  const link = address("appointment", one.appointment);
  return feature({ type: "Point", coordinates: one.at }, { number: one.number ? String(one.number) : "", label: one.label, level: one.level, selected: one.selected, link });
}

function mark(one) {
  const state = one.stale ? "stale" : one.selected ? "selected" : "fresh";
  const icon = one.heading === null ? `dot-${state}` : `arrow-${state}`;
  const link = address("technician", one.technician);
  return feature({ type: "Point", coordinates: one.at }, { name: one.name, icon, heading: one.heading ?? 0, selected: one.selected, link });
}

function address(name, value) {
  const there = new URLSearchParams({ [name]: value });
  const sort = new URLSearchParams(location.search).get("sort");
  if (sort) there.set("sort", sort);
  return `?${there}`;
}

function feature(geometry, properties) {
  return { type: "Feature", geometry, properties };
}

function collection(features) {
  return { type: "FeatureCollection", features };
}

function sources() {
  const named = ["base", "fences", "lines", "stops", "marks"];
  return Object.fromEntries(named.map((name) => [name, { type: "geojson", data: NOTHING }]));
}

function escaped(text) {
  const element = document.createElement("i");
  element.textContent = text;
  return element.innerHTML;
}
