/** Says that something cannot be spied on or restored. */
export class MockError extends Error {
  /** Creates the error from its message. */
  constructor(message: string) {
    super(message);
    this.name = "MockError";
  }
}
