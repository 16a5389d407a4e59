package dev.evolute.app.train;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.Text;
import dev.evolute.app.data.TokenSamples;
import dev.evolute.app.data.Tokens;
import dev.evolute.app.engine.Engine;
import dev.evolute.autodiff.optim.Sampler;
import java.util.Arrays;

/**
 * The data of a run: samples to train on and samples held out. Of images, those held out are drawn
 * with the seed; of text it is the end.
 *
 * @param name what it is called
 * @param real whether it is what the name promises
 * @param sha256 of all of it
 * @param train samples to train on
 * @param validation samples held out; may be empty
 * @param classified whether each sample belongs to a class, so that accuracy means something
 * @param unit what throughput counts, in the plural
 * @param units how many of them a sample is
 */
record Corpus(
    String name,
    boolean real,
    String sha256,
    Samples train,
    Samples validation,
    boolean classified,
    String unit,
    int units) {
  /** How data are named, for help. */
  static final String NAMES =
      "mnist-1k, fashion-mnist-1k, mnist, fashion-mnist, cifar-10, imagenet32, "
          + Images.FOLDERS
          + ", "
          + Text.NAMES;

  /** An epoch of the sampler that no training reaches. */
  private static final long HOLD_OUT = 1L << 40;

  /** Text as stretches of a given length, the end of it held out. */
  static Corpus of(Text text, int length, double validation) {
    Tokens tokens = text.tokens();
    long split = tokens.count() - Math.round(validation * tokens.count());
    Samples train = new TokenSamples(tokens, 0, split, length);
    Samples held = new TokenSamples(tokens, split, tokens.count(), length);
    if (train.count() == 0 || (validation > 0 && held.count() == 0)) {
      throw new UserException(
          "%s has %d tokens, too few for sequences of %d, which take one more, to train on and %s of"
                  .formatted(text.name(), tokens.count(), length, validation)
              + " them to hold out; give more text, a model of shorter sequences or --validation"
              + " 0");
    }
    return new Corpus(
        text.name(), text.real(), tokens.sha256(), train, held, false, "tokens", length);
  }

  /**
   * Opens images.
   *
   * @param engine whether they may be of those that an engine reads
   */
  static Corpus images(TrainSettings settings, boolean engine) {
    if (!Images.isOne(settings.data()) && !settings.data().startsWith(Images.PARQUET)) {
      throw new UsageException(
          "there is no data set '%s'; there is %s".formatted(settings.data(), NAMES));
    }
    Images images = Engine.open(engine, settings.data(), settings.dataDir());
    int count = images.count();
    int[] order = new int[count];
    Sampler shuffle = new Sampler(count, count, true, settings.seed());
    shuffle.seek(HOLD_OUT);
    shuffle.next(order);
    int held = (int) Math.round(settings.validation() * count);
    return new Corpus(
        images.name(),
        images.real(),
        images.sha256(),
        images.only(Arrays.copyOfRange(order, held, count)),
        images.only(Arrays.copyOf(order, held)),
        true,
        "images",
        1);
  }

  /** Refuses batches that are larger than the data. */
  void require(TrainSettings settings) {
    if (settings.batch() > train.count()) {
      throw new UsageException(
          "--batch: %d samples asked for, %s has %d to train on; give at most that many"
              .formatted(settings.batch(), name, train.count()));
    }
    Tracking tracking = settings.tracking();
    if (tracking.every() > 0 && tracking.samples() > train.count()) {
      throw new UsageException(
          "--probe-samples: %d asked for, %s has %d to train on; give at most that many"
              .formatted(tracking.samples(), name, train.count()));
    }
  }
}
