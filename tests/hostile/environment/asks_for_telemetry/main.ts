export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("OTEL_EXPORTER_OTLP_ENDPOINT")}`;
  },
});
