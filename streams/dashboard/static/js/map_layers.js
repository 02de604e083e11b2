// How the map looks, from below to above. Colours are the page's tokens.
const FONT = ["Inter"];
const STATES = { fresh: "--on-time", selected: "--blue", stale: "--plan-line" };

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function layers(map, tiles) {
  for (const state of Object.keys(STATES)) {
    for (const shape of ["arrow", "dot"]) map.addImage(`${shape}-${state}`, icon(shape, token(STATES[state])), { pixelRatio: 2 });
  }
  for (const layer of [...ground(tiles, map), ...fences(), ...routes(), ...people()]) map.addLayer(layer);
}

// The other set of colours.
export function paint(map) {
  for (const state of Object.keys(STATES)) {
    for (const shape of ["arrow", "dot"]) map.updateImage(`${shape}-${state}`, icon(shape, token(STATES[state])));
  }
  for (const layer of [...ground("", map), ...fences(), ...routes(), ...people()]) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      if (map.getLayer(layer.id)) map.setPaintProperty(layer.id, name, value);
    }
  }
}

function ground(tiles, map) {
  const street = ["match", ["get", "class"], "arterial", 1, "bridge", 1, 0];
  const below = [{ id: "ground", type: "background", paint: { "background-color": token("--ground") } }];
  if (tiles && !map.getSource("tiles")) map.addSource("tiles", { type: "raster", tiles: [tiles], tileSize: 256 });
  if (tiles) below.push({ id: "tiles", type: "raster", source: "tiles" });
  return [
    ...below,
    { id: "water", type: "fill", source: "base", filter: ["==", ["get", "class"], "river"], paint: { "fill-color": token("--water") } },
    { id: "districts", type: "line", source: "base", filter: ["has", "district"], paint: { "line-color": token("--district"), "line-width": 1 } },
    {
      id: "streets", type: "line", source: "base", filter: ["all", ["has", "class"], ["!=", ["get", "class"], "river"]],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": token("--street"), "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, ["+", 0.4, ["*", 1.2, street]], 14, ["+", 2, ["*", 4, street]], 17, ["+", 8, ["*", 8, street]]] },
    },
  ];
}

function fences() {
  const at = (kind) => ["==", ["get", "kind"], kind];
  const small = ["match", ["get", "kind"], ["customer_site", "territory"], false, true];
  return [
    { id: "no-go-area", type: "fill", source: "fences", filter: at("no_go"), paint: { "fill-color": token("--critical"), "fill-opacity": 0.08 } },
    { id: "no-go", type: "line", source: "fences", filter: at("no_go"), paint: { "line-color": token("--critical"), "line-width": 1.2, "line-dasharray": [4, 3] } },
    { id: "fences", type: "line", source: "fences", filter: ["all", small, ["!", at("no_go")]], paint: { "line-color": token("--dim"), "line-width": 1 } },
    { id: "territories", type: "line", source: "fences", filter: at("territory"), paint: { "line-color": token("--plan-line"), "line-width": 1 } },
    { id: "sites", type: "line", source: "fences", minzoom: 13.5, filter: at("customer_site"), paint: { "line-color": token("--plan-line"), "line-width": 1 } },
  ];
}

function routes() {
  const join = { "line-cap": "round", "line-join": "round" };
  const level = ["match", ["get", "level"], "watch", token("--watch"), "at-risk", token("--at-risk"), "critical", token("--critical"), "late", token("--late"), token("--route")];
  return [
    { id: "given", type: "line", source: "lines", filter: ["==", ["get", "kind"], "given"], paint: { "line-color": token("--blue"), "line-width": 1, "line-opacity": 0.45 } },
    { id: "today", type: "line", source: "lines", filter: ["==", ["get", "kind"], "today"], layout: join, paint: { "line-color": token("--route"), "line-width": 2.5 } },
    { id: "proposed", type: "line", source: "lines", filter: ["==", ["get", "kind"], "proposed"], paint: { "line-color": token("--blue"), "line-width": 2.5, "line-dasharray": [2.5, 1.5] } },
    { id: "halo", type: "circle", source: "stops", filter: ["get", "selected"], paint: { "circle-radius": 24, "circle-color": token("--blue"), "circle-opacity": 0.08, "circle-stroke-color": token("--blue"), "circle-stroke-width": 1.2 } },
    { id: "stops", type: "circle", source: "stops", paint: { "circle-radius": ["case", ["==", ["get", "number"], ""], 6, 9.5], "circle-color": level, "circle-stroke-color": token("--panel"), "circle-stroke-width": 2 } },
    { id: "numbers", type: "symbol", source: "stops", layout: { "text-field": ["get", "number"], "text-font": FONT, "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": token("--panel") } },
  ];
}

function people() {
  return [
    {
      id: "marks", type: "symbol", source: "marks",
      layout: {
        "icon-image": ["get", "icon"], "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map",
        "icon-allow-overlap": true, "icon-ignore-placement": true,
        "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-optional": true,
        "text-variable-anchor": ["bottom-left", "bottom-right", "top-left", "top-right"], "text-radial-offset": 0.8,
        "symbol-sort-key": ["case", ["get", "selected"], 0, 1],
      },
      paint: { "text-color": token("--ink"), "text-halo-color": token("--ground"), "text-halo-width": 1.5 },
    },
    {
      // Above the others, so that of two labels that meet it is not this one that goes.
      id: "labels", type: "symbol", source: "stops", filter: ["!=", ["get", "label"], ""],
      layout: {
        "text-field": ["get", "label"], "text-font": FONT, "text-size": 11, "text-padding": 1,
        "text-variable-anchor": ["left", "right", "top", "bottom", "top-left", "bottom-left", "top-right", "bottom-right"], "text-radial-offset": 1.2,
        "symbol-sort-key": ["case", ["get", "selected"], 0, 1],
      },
      paint: { "text-color": token("--blue"), "text-halo-color": token("--ground"), "text-halo-width": 1.5 },
    },
  ];
}

function icon(shape, colour) {
  const size = 32;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  pen.translate(size / 2, size / 2);
  pen.beginPath();
  if (shape === "dot") pen.arc(0, 0, 7, 0, 7);
  else for (const [x, y] of [[0, -12], [8.5, 11], [0, 6.5], [-8.5, 11]]) pen.lineTo(x, y);
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = token("--panel");
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}
