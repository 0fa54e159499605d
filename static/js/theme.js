// Light or dark as the person chose; without a choice as the system has it. Runs before the page paints.
// The admin's theme switch keeps its choice under the same name, so both follow one choice.
(() => {
  const key = "adminTheme";
  const read = () => {
    try { return JSON.parse(localStorage.getItem(key)) || "auto"; } catch (error) { return "auto"; }
  };
  const show = (choice) => {
    document.documentElement.classList.toggle("light", choice === "light");
    document.documentElement.classList.toggle("dark", choice === "dark");
  };
  show(read());
  addEventListener("DOMContentLoaded", () => {
    for (const select of document.querySelectorAll("select[data-display]")) {
      select.value = read();
      select.closest("[hidden]")?.removeAttribute("hidden");
      select.addEventListener("change", () => {
        try { localStorage.setItem(key, JSON.stringify(select.value)); } catch (error) { /* the page still changes */ }
        show(select.value);
        dispatchEvent(new Event("themechange"));
      });
    }
  });
})();
