package dev.evolute.app.train;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Encoding;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.TokenSamples;
import dev.evolute.app.data.Tokens;
import dev.evolute.autodiff.optim.Sampler;
import java.nio.file.Path;
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
      "mnist-1k, fashion-mnist-1k, mnist, fashion-mnist, cifar-10, text:PATH (a UTF-8 file or"
          + " folder, as bytes), gpt2:PATH (the same in GPT-2's byte-pair encoding) and tokens:FILE"
          + " (as `evolute data tokens` makes it)";

  private static final String TEXT = "text:";
  private static final String GPT2 = "gpt2:";
  private static final String TOKENS = "tokens:";

  /** An epoch of the sampler that no training reaches. */
  private static final long HOLD_OUT = 1L << 40;

  /** Whether data of that name are text. */
  static boolean isText(String name) {
    return name.startsWith(TEXT) || name.startsWith(GPT2) || name.startsWith(TOKENS);
  }

  /** Opens text. */
  static Tokens text(String name) {
    Path path = Path.of(name.substring(name.indexOf(':') + 1));
    if (name.startsWith(TOKENS)) {
      return Tokens.open(path);
    }
    return Tokens.ofText(path, name.startsWith(TEXT) ? Encoding.BYTES : Encoding.GPT2);
  }

  /** Text as stretches of a given length, the end of it held out. */
  static Corpus of(String name, Tokens tokens, int length, double validation) {
    long split = tokens.count() - Math.round(validation * tokens.count());
    Samples train = new TokenSamples(tokens, 0, split, length);
    Samples held = new TokenSamples(tokens, split, tokens.count(), length);
    if (train.count() == 0 || (validation > 0 && held.count() == 0)) {
      throw new UserException(
          "%s has %d tokens, too few for sequences of %d, which take one more, to train on and %s of"
                  .formatted(name, tokens.count(), length, validation)
              + " them to hold out; give more text, a model of shorter sequences or --validation"
              + " 0");
    }
    return new Corpus(name, true, tokens.sha256(), train, held, false, "tokens", length);
  }

  /** Opens images. */
  static Corpus images(TrainSettings settings) {
    if (!Images.NAMES.contains(settings.data())) {
      throw new UsageException(
          "there is no data set '%s'; there is %s".formatted(settings.data(), NAMES));
    }
    Images images = Images.open(settings.data(), settings.dataDir());
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
    if (settings.probeEvery() > 0 && settings.probeSamples() > train.count()) {
      throw new UsageException(
          "--probe-samples: %d asked for, %s has %d to train on; give at most that many"
              .formatted(settings.probeSamples(), name, train.count()));
    }
  }
}
