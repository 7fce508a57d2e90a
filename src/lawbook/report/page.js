"use strict";
// Draws the charts in the page's own colours, and anew when these change or the page is printed.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const root = document.documentElement;
  const PAPER = { width: 680, height: 320 }; // pixels of a chart on a printed page
  const NARROW = 500; // pixels across a phone
  const config = {
    displaylogo: false,
    responsive: true,
    plotlyServerURL: "",
    showSendToCloud: false,
    modeBarButtons: [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };
  const touched = matchMedia("(pointer: coarse)").matches; // there a finger scrolls the page

  function coloured(value, style) {
    if (typeof value === "string") {
      return value.replace(/var\((--[\w-]+)\)/, (_, name) => style.getPropertyValue(name).trim());
    }
    if (Array.isArray(value)) {
      return value.map((entry) => coloured(entry, style));
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, style)]));
    }
    return value;
  }

  function draw(name) {
    const figure = figures[name];
    const style = getComputedStyle(root);
    const layout = coloured(figure.layout, style);
    layout.dragmode = touched ? false : "zoom";
    if (root.clientWidth < NARROW) {
      layout.xaxis.nticks = 5;
    }
    if (root.classList.contains("printing")) {
      Object.assign(layout, PAPER);
    }
    // when the window turns, Plotly asks the element how high it is
    document.getElementById(name).style.height = `${layout.height}px`;
    const data = figure.data.map((trace) => ({
      ...coloured(trace, style),
      visible: !figure.hidden.includes(Number(trace.legendgroup ?? -1)),
    }));
    return Plotly.react(name, data, layout, config);
  }

  const drawAll = () => Promise.all(Object.keys(figures).map(draw));

  function toggle(button) {
    const { hidden } = figures[button.dataset.chart];
    const group = Number(button.dataset.group);
    const shown = hidden.includes(group);
    button.setAttribute("aria-pressed", String(shown));
    if (shown) {
      hidden.splice(hidden.indexOf(group), 1);
    } else {
      hidden.push(group);
    }
    draw(button.dataset.chart);
  }

  document.querySelectorAll(".legend button").forEach((button) => {
    button.addEventListener("click", () => toggle(button));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    drawAll();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    drawAll();
  });
  drawAll().then(() => root.setAttribute("data-drawn", ""));
})();
