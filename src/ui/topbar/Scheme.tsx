import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconButton } from "../parts/IconButton.tsx";
import { MoonIcon, SunIcon } from "../parts/icons.tsx";

/** Light or dark; what the system says until a person chooses. */
export function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <IconButton label={dark ? "Light colours" : "Dark colours"} onClick={() => setColorScheme(dark ? "light" : "dark")}>
      {dark ? <SunIcon /> : <MoonIcon />}
    </IconButton>
  );
}
