package dev.evolute.app.engine;

/**
 * What a command asks an engine for.
 *
 * @param address where it is, as it was typed
 * @param executors how many processes; 0 for as many as there are
 * @param cores of each of them, which are the threads of a shard
 * @param memory of the Java heap of each, such as {@code 2g}; as much again it may take beside it
 * @param device name of a device, in the executors
 * @param shards how many parts the samples are cut into; 0 for one an executor
 */
public record Request(
    String address, int executors, int cores, String memory, String device, int shards) {}
