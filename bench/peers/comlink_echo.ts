// The Worker that comlink's row calls.
import { expose } from "comlink";

expose({ answer: <Value>(value: Value): Value => value });
