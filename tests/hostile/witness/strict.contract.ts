export interface Strict {
  double(list: (number | string | { deep: number })[]): number;
}
