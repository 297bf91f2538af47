module.exports = require("../../outside/secret.cjs");
