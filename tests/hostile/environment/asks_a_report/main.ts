import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const { report } = process as unknown as { report?: { getReport(): unknown } };
    return report?.getReport() ?? "closed: there are no reports";
  },
});
