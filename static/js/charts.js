// Charts drawn in the browser: <div data-chart="map|bars|histogram" data-src="…">, loaded by app.js.
// data-src answers JSON:
//   map        {title, unit, geojson: URL, items: [{code, name, value, shown, url}]}   code = adcode of the outline, 6 digits
//   bars       {title, unit, items: [{name, value, shown, url}], line: {value, label}}
//   histogram  {title, unit, value_unit, bins: [{low, high, value, url}], line: {value, label}}   spans of equal width
// `shown` is the figure as written (the server formats); a click opens `url`; a table of the same goes behind the chart.
// Tooltips are drawn on the canvas: as markup they would need inline styles, which the security policy refuses.
"use strict";

(() => {
  const INK = "#16282b", INK2 = "#4f6166", LINE = "#dbe2e3", ACCENT = "#0b5f66", LOW = "#c2453b", ACROSS = "#cf9a2b", MARK = "#a3241b";
  const FONT = getComputedStyle(document.body).fontFamily;
  const RAMP = ["#dcebeb", "#a9cdcf", "#6ba6aa", "#2f7c82", "#084a50"];
  const written = (item) => item.shown ?? String(item.value ?? "—");

  const tooltip = (text) => ({
    renderMode: "richText", confine: true, backgroundColor: "#fff", borderColor: LINE, padding: [6, 10],
    textStyle: { color: INK, fontFamily: FONT, fontSize: 13 }, formatter: text,
  });

  const markLine = (axis, line) => line && {
    symbol: "none", silent: true, animation: false,
    lineStyle: { color: MARK, width: 2, type: "solid" },
    label: { formatter: line.label, color: MARK, fontFamily: FONT, fontWeight: 600, position: "end" },
    data: [{ [axis]: line.value }],
  };

  function mapOption(data, name) {
    const values = data.items.map((item) => item.value).filter((value) => value !== null && value !== undefined);
    const top = Math.max(...values, 0), low = Math.min(...values, top);
    const byCode = Object.fromEntries(data.items.map((item) => [String(item.code).slice(0, 6), item]));
    return {
      tooltip: tooltip((point) => point.data?.item ? `${point.data.item.name}  ${written(point.data.item)} ${data.unit ?? ""}` : point.name),
      visualMap: {
        min: low, max: top > low ? top : low + 1, left: 0, bottom: 0, itemWidth: 12, itemHeight: 90, calculable: false,
        text: [`${top}${data.unit ?? ""}`, `${low}${data.unit ?? ""}`], textStyle: { color: INK2, fontFamily: FONT },
        inRange: { color: RAMP }, outOfRange: { color: "#edf1f1" },
      },
      series: [{
        type: "map", map: name, nameProperty: "adcode", roam: false, selectedMode: false, layoutCenter: ["50%", "50%"], layoutSize: "98%",
        itemStyle: { areaColor: "#edf1f1", borderColor: "#fff", borderWidth: 1.5 },
        emphasis: { itemStyle: { areaColor: "#f0c274" }, label: { color: INK } },
        // Names and figures on a light ground, so that they read on any shade; overlapping ones give way.
        label: {
          show: true, color: INK, fontFamily: FONT, fontSize: 12, lineHeight: 15, backgroundColor: "rgba(255,255,255,.82)",
          padding: [1, 4], borderRadius: 3,
          formatter: (point) => point.data?.item ? `${point.data.item.name}\n${written(point.data.item)}` : "",
        },
        labelLayout: { hideOverlap: true },
        data: Object.entries(byCode).map(([code, item]) => ({ name: code, value: item.value, item })),
      }],
    };
  }

  function barsOption(data) {
    const items = [...data.items].reverse(); // the first one on top
    return {
      grid: { left: 8, right: 64, top: data.line ? 28 : 8, bottom: 8, containLabel: true },
      tooltip: tooltip((point) => `${point.name}  ${written(point.data.item)} ${data.unit ?? ""}`),
      xAxis: { type: "value", splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK2, fontFamily: FONT, hideOverlap: true } },
      yAxis: { type: "category", data: items.map((item) => item.name), axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK, fontFamily: FONT } },
      series: [{
        type: "bar", barMaxWidth: 18, itemStyle: { color: ACCENT, borderRadius: [0, 2, 2, 0] },
        label: { show: true, position: "right", color: INK, fontFamily: FONT, formatter: (point) => written(point.data.item) },
        data: items.map((item) => ({ value: item.value, item })), markLine: markLine("xAxis", data.line),
      }],
    };
  }

  function histogramOption(data) {
    const bins = data.bins, line = data.line;
    return {
      grid: { left: 8, right: 32, top: 34, bottom: 8, containLabel: true },
      tooltip: tooltip((point) => `${point.data.item.low}–${point.data.item.high} ${data.unit ?? ""}\n${written(point.data.item)} ${data.value_unit ?? ""}`),
      xAxis: { type: "value", min: bins[0]?.low, max: bins[bins.length - 1]?.high, splitLine: { show: false }, axisLabel: { color: INK2, fontFamily: FONT, hideOverlap: true } },
      yAxis: { type: "value", splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK2, fontFamily: FONT } },
      series: [{
        type: "custom", encode: { x: [0, 1], y: 2 }, clip: true, markLine: markLine("xAxis", line),
        renderItem: (params, api) => {
          const [left, top] = api.coord([api.value(0), api.value(2)]);
          const [right, base] = api.coord([api.value(1), 0]);
          const colour = !line || api.value(0) >= line.value ? ACCENT : api.value(1) <= line.value ? LOW : ACROSS;
          return { type: "rect", shape: { x: left + 1, y: top, width: Math.max(1, right - left - 2), height: base - top }, style: { fill: colour } };
        },
        data: bins.map((item) => ({ value: [item.low, item.high, item.value], item })),
      }],
    };
  }

  function fillTable(place, data) {
    const behind = place.closest("figure")?.querySelector("[data-chart-table]");
    if (!behind) return;
    const table = document.createElement("table");
    table.className = "list list-plain";
    table.createCaption().textContent = data.title ?? place.dataset.title;
    table.caption.className = "visually-hidden";
    for (const item of data.items ?? data.bins) {
      const row = table.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      const name = item.name ?? `${item.low}–${item.high}${data.unit ?? ""}`;
      if (item.url) {
        const link = head.appendChild(document.createElement("a"));
        link.href = item.url;
        link.textContent = name;
      } else head.textContent = name;
      row.append(head);
      const cell = row.insertCell();
      cell.className = "num";
      cell.textContent = `${written(item)} ${data.value_unit ?? (data.items ? data.unit ?? "" : "")}`;
    }
    behind.replaceChildren(table);
  }

  async function fetchJson(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status} ${address}`);
    return answer.json();
  }

  window.drawChart = async (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    try {
      const data = await fetchJson(place.dataset.src);
      const kind = place.dataset.chart;
      let option;
      if (kind === "map") {
        const outlines = await fetchJson(data.geojson);
        outlines.features.forEach((feature) => { feature.properties.adcode = String(feature.properties.adcode ?? feature.id); });
        echarts.registerMap(data.geojson, outlines);
        option = mapOption(data, data.geojson);
      } else option = kind === "bars" ? barsOption(data) : histogramOption(data);
      fillTable(place, data);
      place.replaceChildren();
      const chart = echarts.init(place, null, { renderer: "svg" });
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      chart.setOption({ animation: !calm, animationDuration: 300, textStyle: { fontFamily: FONT }, ...option });
      chart.on("click", (point) => { if (point.data?.item?.url) location.href = point.data.item.url; });
      new ResizeObserver(() => chart.resize()).observe(place);
    } catch {
      delete place.dataset.drawn;
      const note = document.createElement("p");
      note.className = "muted";
      note.textContent = document.body.dataset.textError;
      place.replaceChildren(note);
      place.classList.add("chart-live-fit");
    }
  };
})();
