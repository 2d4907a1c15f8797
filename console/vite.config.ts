import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the console with hot reload; the API is a Septet that runs beside it.
const septet = process.env.SEPTET_PUBLIC_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  resolve: { alias: { "~": new URL("./src", import.meta.url).pathname } },
  build: { outDir: "../src/septet/console", emptyOutDir: true, target: "es2022", reportCompressedSize: false, assetsInlineLimit: 0 },
  server: { proxy: { "^/(?!console/(?!settings\\.json))": { target: septet, changeOrigin: false } } },
});
