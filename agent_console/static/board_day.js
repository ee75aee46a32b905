// Today's calls by half hour, as bars, over what is usual on this weekday: the median as a line, least to most as a band.
import uPlot from "./uplot.js";

const HEIGHT = 190;
const NARROW = 600; // Pixels: fewer hours are written.
let plot = null;
let drawnFor = "";

function label(index) {
  return `${String(Math.floor(index / 2)).padStart(2, "0")}:${index % 2 ? "30" : "00"}`;
}

export function drawDay(place, day, words, hint, told) {
  const indexes = Array.from({ length: day.half_hours }, (_, at) => at);
  const calls = day.calls.map((count, at) => (at <= day.now ? count : null));
  const empty = indexes.map(() => null);
  const data = [indexes, calls, day.known ? day.most : empty, day.known ? day.least : empty, day.known ? day.usual : empty];
  hint.textContent = day.known ? "" : words.unusual;
  const before = day.calls.slice(0, day.now).reduce((sum, each) => sum + each, 0);
  const usual = day.known ? day.usual.slice(0, day.now).reduce((sum, each) => sum + each, 0) : null;
  told.textContent = `${words.today} ${before}${usual === null ? "" : `, ${words.usual} ${usual}`} (– ${label(day.now)})`;
  place.dataset.bars = before + (day.calls[day.now] ?? 0);
  if (plot && drawnFor === day.day) {
    plot.setData(data);
    return;
  }
  plot?.destroy();
  drawnFor = day.day;
  const grid = { stroke: "#2c4250", width: 1 };
  const axis = { stroke: "#d5e3ea", grid, ticks: grid, font: "18px sans-serif" };
  plot = new uPlot({
    width: place.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, day.half_hours - 0.4] }, y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] } },
    axes: [
      { ...axis, splits: () => indexes.filter((at) => at % (place.clientWidth < NARROW ? 12 : 4) === 0), values: (_, splits) => splits.map(label), size: 40 },
      { ...axis, size: 60 },
    ],
    series: [
      {},
      { label: words.today, stroke: "#63c5da", fill: "#2b7f93", paths: uPlot.paths.bars({ size: [0.8] }), points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { label: words.usual, stroke: "#ffd479", width: 3, points: { show: false } },
    ],
    bands: [{ series: [2, 3], fill: "rgba(255, 212, 121, 0.18)" }],
  }, data, place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
}
