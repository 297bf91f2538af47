module.exports = "CANARY";
