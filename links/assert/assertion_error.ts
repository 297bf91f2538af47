/** Says that an assertion does not hold. */
export class AssertionError extends Error {
  /** Creates the error from its message. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Throws an {@linkcode AssertionError}, with the note of the caller if there is one. */
export function throwAssertion(message: string, note?: string, options?: ErrorOptions): never {
  throw new AssertionError(note ? `${message}: ${note}` : message, options);
}
