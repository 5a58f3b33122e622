package command

// EngineZooKeeper is the value of --engine that names Apache ZooKeeper.
const EngineZooKeeper = "zookeeper"
