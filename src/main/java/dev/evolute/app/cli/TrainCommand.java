package dev.evolute.app.cli;

import dev.evolute.app.engine.Engine;
import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Store;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.Course;
import dev.evolute.app.train.Rule;
import dev.evolute.app.train.Tracking;
import dev.evolute.app.train.TrainSettings;
import dev.evolute.app.train.Training;
import dev.evolute.kernels.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evolute train}: trains one network. */
@Command(
    name = "train",
    description = {
      "Trains a network, and follows its sharpness where asked to.",
      "Takes mini-batches, and evaluates on held-out samples; sharpness is the largest eigenvalue"
          + " of",
      "the Hessian.",
      "Writes summary.json, series.csv, pictures, report.html and model.safetensors."
    },
    footer = {
      "",
      "Ctrl-C, or a kill, leaves a checkpoint; --resume goes on from it with the same numbers.",
      "",
      "Examples:",
      "  evolute train --model mnist-mlp --data mnist-1k --quick --out out",
      "  evolute train --model mlp:784-512-512-10:relu:bias --data mnist --epochs 5 --schedule"
          + " cosine --warmup 5%%",
      "  evolute train --model decoder:6-6-384-256 --data text:src --batch 8 --clip 1 --warmup"
          + " 10%%",
      "  evolute train --model decoder:6-6-384-256 --data text:src --minutes 60 --probe-every 20"
          + " --probe-share 0.2",
      "  evolute train --model mnist-mlp --data mnist-1k --optimizer sgd --lr 0.1 --probe-every 50",
      "  evolute train --model mnist-mlp --data mnist --batch 512 --engine spark://HOST:7077"
          + " --shards 8"
    })
final class TrainCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin CommonOptions common;
  @Mixin EngineOptions engine;
  @Mixin JsonOption json;

  @Option(names = "--model", required = true, paramLabel = "NAME", description = NamedModel.HELP)
  String model;

  @Option(
      names = "--data",
      paramLabel = "NAME",
      description = "which data: " + Training.DATA + " (default: jdk-src for decoders)")
  String data;

  @Option(names = "--steps", paramLabel = "N", description = "optimiser steps")
  long steps;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "passes over the training samples (default: ${DEFAULT-VALUE})")
  double epochs;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "wall time after which the run ends; with more of it, --resume goes on")
  double minutes = Double.POSITIVE_INFINITY;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "samples a step (default: ${DEFAULT-VALUE})")
  int batch;

  @Option(
      names = "--micro-batch",
      paramLabel = "N",
      description =
          "samples that are in memory at once, and whose statistics batch norms take; gradients are"
              + " summed (default: the batch)")
  int microBatch;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adamw",
      description =
          "sgd, momentum, nesterov, adam, adamw, or line-search: gradient descent, each step found"
              + " by halving --lr (default: ${DEFAULT-VALUE})")
  String optimizer;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      defaultValue = "0.9",
      description = "of momentum and nesterov (default: ${DEFAULT-VALUE})")
  double momentum;

  @Option(
      names = "--betas",
      arity = "1",
      split = ",",
      paramLabel = "B",
      defaultValue = "0.9,0.999",
      description = "two numbers, of adam and adamw (default: ${DEFAULT-VALUE})")
  List<Double> betas;

  @Option(
      names = "--decay",
      paramLabel = "L",
      description = "weight decay, decoupled in adamw (default: 0.01 for adamw, else 0)")
  double decay = Double.NaN;

  @Option(
      names = "--lr",
      paramLabel = "ETA",
      defaultValue = "0.001",
      description = "largest step size (default: ${DEFAULT-VALUE})")
  double eta;

  @Option(
      names = "--lr-end",
      paramLabel = "ETA",
      description = "step size at the end of cosine and wsd (default: a hundredth of --lr)")
  double etaEnd = Double.NaN;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "constant",
      description =
          "constant, cosine, wsd (linear decay over the last 20 %%), or adaptive:H0:H1[:F], the"
              + " step 1 / (10 H0 + 20 H1 (loss - F)) in place of --lr (default: ${DEFAULT-VALUE})")
  String schedule;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "0",
      description = "steps of linear warm-up, or a share such as 10%% (default: none)")
  String warmup;

  @Option(
      names = "--loss-warmup",
      paramLabel = "C",
      description = "divides the step size by loss / C while the loss is above C")
  double lossWarmup;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      description = "largest norm of a gradient (default: none)")
  double clip = Double.POSITIVE_INFINITY;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "share of the samples that is held out (default: ${DEFAULT-VALUE})")
  double validation;

  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      description = "steps between evaluations (default: a twentieth of the run)")
  long evaluateEvery;

  @Option(
      names = "--probe-every",
      paramLabel = "N",
      description = "steps between probes of the largest eigenvalue (default: none)")
  long probeEvery;

  @Option(
      names = "--probe-samples",
      paramLabel = "N",
      defaultValue = "256",
      description = "training samples whose loss is probed (default: ${DEFAULT-VALUE})")
  int probeSamples;

  @Option(
      names = "--probe-share",
      paramLabel = "SHARE",
      defaultValue = "1",
      description =
          "share of the run's passes over samples that probes may take; one that comes too early is"
              + " left out (default: ${DEFAULT-VALUE})")
  double probeShare;

  @Option(
      names = "--probe-tolerance",
      paramLabel = "T",
      defaultValue = "0.001",
      description =
          "how far the eigenvalue may lie above what is found (default: ${DEFAULT-VALUE})")
  double probeTolerance;

  @Option(
      names = "--probe-products",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Hessian-vector products of a probe from a random vector, at most; the bound above the"
              + " eigenvalue is wider where they do not suffice (default: ${DEFAULT-VALUE})")
  int probeProducts;

  @Option(
      names = "--save-every",
      paramLabel = "N",
      description = "steps between checkpoints (default: one a minute)")
  long saveEvery;

  @Option(
      names = "--checkpoints",
      paramLabel = "URI",
      description =
          "with --engine, folder for checkpoints on any file system that Hadoop knows: hdfs://...,"
              + " s3a://..., file:... (default: that of --out)")
  String checkpoints;

  @Option(names = "--quick", description = "at most 200 steps")
  boolean quick;

  @Option(names = "--resume", description = "go on from the checkpoint")
  boolean resume;

  @Option(names = "--fresh", description = "start over, even where a run could be resumed")
  boolean fresh;

  @Override
  public Integer call() {
    require(steps >= 0, "--steps", steps, "1 or more");
    require(epochs > 0 && epochs < 1e9, "--epochs", epochs, "more than 0");
    require(minutes > 0, "--minutes", minutes, "more than 0");
    require(batch >= 1, "--batch", batch, "1 or more");
    require(microBatch >= 0, "--micro-batch", microBatch, "1 or more");
    require(momentum >= 0 && momentum < 1, "--momentum", momentum, "0 to below 1");
    require(betas.size() == 2, "--betas", betas, "two numbers such as 0.9,0.95");
    require(Double.isNaN(decay) || decay >= 0, "--decay", decay, "0 or more");
    require(eta > 0 && eta < 1e9, "--lr", eta, "more than 0");
    double end = Double.isNaN(etaEnd) ? eta / 100 : etaEnd;
    require(end >= 0 && end <= eta, "--lr-end", end, "0 to --lr");
    require(lossWarmup >= 0, "--loss-warmup", lossWarmup, "more than 0");
    require(clip > 0, "--clip", clip, "more than 0");
    require(validation >= 0 && validation < 1, "--validation", validation, "0 to below 1");
    require(evaluateEvery >= 0, "--evaluate-every", evaluateEvery, "1 or more");
    require(probeEvery >= 0, "--probe-every", probeEvery, "1 or more");
    require(probeSamples >= 1, "--probe-samples", probeSamples, "1 or more");
    require(probeShare > 0 && probeShare <= 1, "--probe-share", probeShare, "above 0 to 1");
    require(
        probeTolerance > 0 && probeTolerance < 1,
        "--probe-tolerance",
        probeTolerance,
        "above 0 to below 1");
    require(probeProducts >= 2, "--probe-products", probeProducts, "2 or more");
    require(saveEvery >= 0, "--save-every", saveEvery, "1 or more");
    Rule rule = new Rule(optimizer, momentum, betas.get(0), betas.get(1), decay);
    if (rule.isSearched() && !isPlain()) {
      throw new ParameterException(
          spec.commandLine(),
          "--optimizer line-search finds its steps on whole batches; leave --schedule, --warmup,"
              + " --loss-warmup, --clip, --decay and --micro-batch out");
    }
    if (resume && fresh) {
      throw new ParameterException(
          spec.commandLine(), "--resume goes on and --fresh starts over; give one of them");
    }
    Request request = engine.request(common.device());
    if (request != null && rule.isSearched()) {
      throw new ParameterException(
          spec.commandLine(),
          "--optimizer line-search tries its steps in one process; leave --engine out, or give"
              + " another optimizer");
    }
    if (request == null && checkpoints != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--checkpoints %s is for --engine; give its address, or leave --checkpoints out"
              .formatted(checkpoints));
    }
    Path dataDir = common.readableDataDir();
    json.check();
    Path out = common.writableOut("train", request);
    TrainSettings settings =
        new TrainSettings(
            model,
            data(),
            steps,
            epochs,
            minutes,
            batch,
            microBatch,
            rule,
            new Course(schedule, eta, end, warmup, lossWarmup),
            clip,
            validation,
            evaluateEvery,
            new Tracking(probeEvery, probeSamples, probeShare, probeTolerance, probeProducts),
            saveEvery,
            "f64".equals(common.precision()) ? DType.F64 : DType.F32,
            common.device(),
            common.threads(),
            common.seed,
            quick,
            out,
            dataDir,
            resume,
            fresh,
            command());
    return Foreground.run(
        out,
        progress -> {
          train(settings, request, progress);
          json.copy(out.resolve("summary.json"));
        });
  }

  private void train(TrainSettings settings, Request request, Progress progress) {
    if (request == null) {
      Training.run(settings, progress);
      return;
    }
    try (Session session = Engine.find().open(request, progress::say)) {
      Store store = checkpoints == null ? null : session.store(checkpoints);
      Training.run(settings, session, store, progress);
    }
  }

  /** Whether nothing is asked for that a searched step cannot follow. */
  private boolean isPlain() {
    return schedule.equals("constant")
        && warmup.equals("0")
        && lossWarmup == 0
        && clip == Double.POSITIVE_INFINITY
        && Double.isNaN(decay)
        && (microBatch == 0 || microBatch == batch);
  }

  private String data() {
    if (data == null && !NamedModel.isSequential(model)) {
      throw new ParameterException(
          spec.commandLine(), "--data is missing; give one of " + Training.DATA);
    }
    return data == null ? Training.TEXT : data;
  }

  private void require(boolean fine, String option, Object value, String possible) {
    if (!fine) {
      throw new ParameterException(
          spec.commandLine(), "%s: %s given, %s is possible".formatted(option, value, possible));
    }
  }

  /** What was typed, without what only concerns this start. */
  private String command() {
    return spec.commandLine().getParseResult().originalArgs().stream()
        .filter(argument -> !argument.equals("--resume") && !argument.equals("--fresh"))
        .collect(Collectors.joining(" ", "./evolute train ", ""));
  }
}
