export const activate = (): unknown =>
  Object.fromEntries(
    ["__proto__", "constructor", "toString", "valueOf", "attack"].map((name) => [name, () =>
      "closed: the host goes on"]
    ),
  );
