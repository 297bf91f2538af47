export function answer<Value>(value: Value): Value {
  return value;
}

export function activate() {
  return { answer };
}
