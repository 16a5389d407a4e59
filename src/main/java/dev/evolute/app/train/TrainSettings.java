package dev.evolute.app.train;

import dev.evolute.app.Evolute;
import dev.evolute.kernels.DType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the user asked of a training run.
 *
 * @param model name of the network
 * @param data name of the data
 * @param steps optimiser steps, or 0 to have them follow from the epochs
 * @param epochs passes over the training samples
 * @param minutes of wall time, those before a resumption included, after which the run ends with
 *     what there is; infinity for no such end
 * @param batch samples a step
 * @param microBatch samples of one pass, whose gradients are summed to those of the batch; 0 for
 *     the whole batch
 * @param rule how theta moves
 * @param course the step sizes
 * @param clip largest norm of a gradient; infinity clips nothing
 * @param validation share of the samples that are held out, from 0 to below 1
 * @param evaluateEvery steps between two evaluations of the held-out samples; 0 for a twentieth of
 *     the run
 * @param tracking how the sharpness is followed
 * @param saveEvery steps between two checkpoints; 0 for one a minute
 * @param quick whether a run of half a minute at most is wanted
 * @param out folder for the result files; exists and can be written
 * @param dataDir folder to look for data sets in first, or null
 * @param resume whether to go on from the checkpoint in {@code out}
 * @param fresh whether to start over where there is one
 * @param command the command line, for the report
 */
public record TrainSettings(
    String model,
    String data,
    long steps,
    double epochs,
    double minutes,
    int batch,
    int microBatch,
    Rule rule,
    Course course,
    double clip,
    double validation,
    long evaluateEvery,
    Tracking tracking,
    long saveEvery,
    DType dtype,
    String device,
    int threads,
    long seed,
    boolean quick,
    Path out,
    Path dataDir,
    boolean resume,
    boolean fresh,
    String command) {

  /** Samples of one pass. */
  int pass() {
    return microBatch == 0 ? batch : Math.min(microBatch, batch);
  }

  /**
   * Everything that the numbers depend on, by the name of its option. Where a run ends by the
   * minutes is not among them: one that has had its time goes on when it is given more.
   *
   * @param steps of the run
   * @param sha256 of the data
   */
  Map<String, Object> all(long steps, String sha256) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model);
    all.put("data", data);
    all.put("data sha256", sha256);
    all.put("steps", steps);
    all.put("batch", batch);
    all.put("micro-batch", pass());
    all.put("optimizer", rule.toString());
    all.put("schedule", course.name());
    all.put("lr", course.peak());
    all.put("lr-end", course.end());
    all.put("warmup", course.warmup());
    all.put("loss-warmup", course.lossWarmup());
    all.put("clip", clip == Double.POSITIVE_INFINITY ? "none" : clip);
    all.put("validation", validation);
    all.put("evaluate-every", evaluateEvery);
    all.put("probe-every", tracking.every());
    all.put("probe-samples", tracking.samples());
    all.put("probe-share", tracking.share());
    all.put("probe-tolerance", tracking.tolerance());
    all.put("probe-products", tracking.products());
    all.put("precision", dtype.name().toLowerCase(Locale.ROOT));
    all.put("device", device);
    all.put("threads", threads);
    all.put("seed", seed);
    all.put("evolute", Evolute.version());
    return all;
  }
}
