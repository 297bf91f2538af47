export interface Odd {
  odd(): number;
}
