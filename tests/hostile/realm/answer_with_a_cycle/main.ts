export const activate = (): unknown => ({
  attack() {
    const answer: Record<string, unknown> = {};
    answer.self = answer;
    return answer;
  },
});
