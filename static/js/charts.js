// Draws a chart from the table beside it, so that no figure is written twice.
// Load unfold/js/chart/chart.js before this file. The markup:
//   <figure class="chart" data-chart="bar|bar-h|bar-stacked|line" data-table="ID OF THE TABLE" hidden>
//     <div class="chart-box"><canvas role="img" aria-label="…"></canvas></div>
//   </figure>
// The table's first column gives the labels; each column whose header has `data-series` is drawn.
// A cell's number is its data-value, or else its text. One unit per chart: 人 and 人次 never mix.
(() => {
  const number = (cell) => {
    const raw = (cell?.dataset.value ?? cell?.textContent ?? "").replace(/[,，\s]/g, "");
    return raw === "" || Number.isNaN(Number(raw)) ? null : Number(raw);
  };
  const read = (table) => {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    const rows = [...table.tBodies[0].rows];
    return {
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      datasets: heads.flatMap((head, column) =>
        "series" in head.dataset
          ? [{
              label: head.textContent.trim(),
              data: rows.map((row) => number(row.cells[column])),
            }]
          : [],
      ),
    };
  };
  const drawn = [];
  const draw = (figure) => {
    const table = document.getElementById(figure.dataset.table);
    if (!table || !table.tHead || !table.tBodies.length) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const data = read(table);
    data.datasets.forEach((set, i) => {
      set.backgroundColor = set.borderColor = colour(`--series-${(i % 4) + 1}`);
      set.maxBarThickness = 28;
      set.borderRadius = 3;
    });
    const sideways = figure.dataset.chart === "bar-h";
    const stacked = figure.dataset.chart === "bar-stacked";
    const names = { stacked, ticks: { color: colour("--muted") }, grid: { display: false } };
    const values = {
      stacked,
      beginAtZero: true,
      grace: "5%",
      ticks: { color: colour("--muted"), precision: 0, maxTicksLimit: 6 },
      grid: { color: colour("--line") },
    };
    figure.hidden = false;
    drawn.push(new Chart(figure.querySelector("canvas"), {
      type: figure.dataset.chart === "line" ? "line" : "bar",
      data,
      options: {
        animation: false,
        locale: "zh-CN",
        indexAxis: sideways ? "y" : "x",
        maintainAspectRatio: false,
        plugins: {
          legend: { display: data.datasets.length > 1, labels: { color: colour("--text") } },
        },
        scales: sideways ? { x: values, y: names } : { x: names, y: values },
      },
    }));
  };
  const all = () => {
    while (drawn.length) drawn.pop().destroy();
    document.querySelectorAll("figure[data-chart]").forEach(draw);
  };
  if (typeof Chart === "undefined") return;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 14;
  all();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  window.addEventListener("themechange", all);
})();
