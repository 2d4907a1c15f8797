import {
  Badge, Button, createTheme, Modal, Paper, Select, Table, TextInput, Tooltip, type CSSVariablesResolver, type MantineColorsTuple,
} from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef0fb", "#dadef4", "#b3bae8", "#8a95dd", "#6875d3", "#5361cd", "#4453b8", "#3848a0", "#30408f", "#26357e",
];
const small = { defaultProps: { size: "xs" } };

/** Calm and dense: one accent, thin lines, 13 px text, few shadows. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "15px" }, h3: { fontSize: "14px" } } },
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  colors: { indigo },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { variant: "light", size: "sm", radius: "sm" }, styles: { root: { textTransform: "none", fontWeight: 500 } } }),
    Button: Button.extend(small),
    Modal: Modal.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.35, blur: 1 }, transitionProps: { duration: 100 } } }),
    Paper: Paper.extend({ defaultProps: { withBorder: true } }),
    Select: Select.extend(small),
    Table: Table.extend({ defaultProps: { verticalSpacing: 7, horizontalSpacing: "sm", highlightOnHover: true } }),
    TextInput: TextInput.extend(small),
    ColorInput: small,
    Textarea: small,
    NumberInput: small,
    PasswordInput: small,
    SegmentedControl: small,
    MultiSelect: small,
    TagsInput: small,
    Autocomplete: small,
    Checkbox: small,
    Switch: small,
    DateTimePicker: small,
    DateInput: small,
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

/** Where the library's own colours fall short of 4.5:1. */
export const legible: CSSVariablesResolver = () => ({
  variables: {},
  light: { "--mantine-color-placeholder": "#6b7280" },
  dark: { "--mantine-color-placeholder": "#9aa0ab", "--mantine-color-anchor": "#a3adf0" },
});
