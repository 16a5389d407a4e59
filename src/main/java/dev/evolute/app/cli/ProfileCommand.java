package dev.evolute.app.cli;

import dev.evolute.app.probe.Part;
import dev.evolute.app.probe.Profile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code evolute profile}: where the time of a network's passes goes. */
@Command(
    name = "profile",
    description = {
      "Times a network's gradients and Hessian products, kernel by kernel.",
      "Beside each kernel stands what the device could do; the norms of the Hessian and of its",
      "blocks come first."
    },
    footer = {
      "",
      "The result is printed; --json writes it to a file, --out a report with pictures and a",
      "timeline (trace.json, for Perfetto or Chrome) to a folder. Ctrl-C ends it with what there"
          + " is.",
      "",
      "Examples:",
      "  evolute profile --model mnist-mlp --data mnist-1k --out out",
      "  evolute profile --model mlp:784-512-512-10:tanh --data fashion-mnist-1k --json -"
    })
final class ProfileCommand implements Callable<Integer> {
  @Mixin StandardOptions help;
  @Mixin NetworkOptions network;
  @Mixin JsonOption json;
  @Mixin CommonOptions common;

  @Override
  public Integer call() {
    return network.run(common, null, json, Part.of(null), true, Profile::run);
  }
}
