package dev.evolute.app.probe;

import dev.evolute.app.engine.Request;
import dev.evolute.kernels.DType;
import java.nio.file.Path;
import java.util.Set;

/**
 * What a probe is asked for.
 *
 * @param model name of a network, see {@link dev.evolute.app.model.NamedModel}
 * @param data name of a data set, or of text
 * @param samples how many of its first samples; 0 for all images, or for eight sequences of a text
 * @param parts what is looked at
 * @param weights parameter file, or null to start at random
 * @param dtype element type, or null for the file's, else F32
 * @param device name of a device
 * @param threads CPU threads
 * @param engine where samples and products are instead, or null for this process
 * @param seed of the start, of Lanczos and of the probes
 * @param dataDir folder to look for data in first, or null
 * @param out folder of the report, or null for none
 * @param fresh whether to start over where an interrupted probe could go on
 * @param json file of the result, or null for none
 * @param command that makes this result again
 */
public record ProbeSettings(
    String model,
    String data,
    int samples,
    Set<Part> parts,
    Path weights,
    DType dtype,
    String device,
    int threads,
    Request engine,
    long seed,
    Path dataDir,
    Path out,
    boolean fresh,
    Path json,
    String command) {}
