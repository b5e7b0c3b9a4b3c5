/** Before the first frame: the colour scheme of an earlier visit; and words for a page whose code cannot be fetched. */
try {
  const chosen = localStorage.getItem("mantine-color-scheme-value");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.mantineColorScheme = chosen;
} catch {
  // A browser that stores nothing for this site: the system's scheme.
}

{
  /** Says it where nothing is drawn yet; the page itself speaks for its parts. */
  const sayBlank = (what) => {
    const root = document.getElementById("root");
    if (!root || root.hasChildNodes()) return;
    const main = document.createElement("main");
    main.className = "blank";
    const head = document.createElement("h1");
    head.textContent = "Cartpool could not start";
    const why = document.createElement("p");
    why.textContent = what;
    const button = document.createElement("button");
    button.textContent = "Reload";
    button.addEventListener("click", () => location.reload());
    main.append(head, why, button);
    root.append(main);
  };
  addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLScriptElement)
        sayBlank(
          "Its code could not be fetched. Check the connection, then reload. Runs kept in this browser are safe.",
        );
      else if (event instanceof ErrorEvent)
        sayBlank(`It met an error: ${event.message}. Runs kept in this browser are safe.`);
    },
    true,
  );
  addEventListener("unhandledrejection", (event) =>
    sayBlank(`It met an error: ${event.reason?.message ?? event.reason}. Runs kept in this browser are safe.`),
  );
}
