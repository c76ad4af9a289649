
(() => {
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const compare = (a, b, numeric) => numeric ? Number(a) - Number(b) : a.localeCompare(b, undefined, {numeric: true});
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].sort((one, other) => {
          const [a, b] = [value(one, column), value(other, column)];
          if (a === "" || b === "") return (a === "") - (b === "");
          return (down ? -1 : 1) * compare(a, b, head.classList.contains("number"));
        });
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
