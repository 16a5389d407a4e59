package dev.evolute.app.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A timeline as a file that Perfetto and the browser Chrome show: phases on one track, kernels on
 * the one below.
 *
 * <p>Source: Trace Event Format (Google, 2016), "Complete Events" and "Metadata Events"; times are
 * in microseconds.
 */
public final class Trace {
  private static final int PROCESS = 1;
  private static final int PHASES = 1;
  private static final int KERNELS = 2;

  private Trace() {}

  /** The whole file, times from the first event on. */
  public static String json(Timeline timeline, String device) {
    long zero = timeline.phases().isEmpty() ? 0 : timeline.phases().get(0).start();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("displayTimeUnit", "ns");
    ArrayNode events = root.putArray("traceEvents");
    name(events, "process_name", 0, device);
    name(events, "thread_name", PHASES, "passes");
    name(events, "thread_name", KERNELS, "kernels");
    for (Timeline.Phase phase : timeline.phases()) {
      complete(events, PHASES, phase.name(), "pass", phase.start() - zero, phase.nanos());
    }
    for (KernelCall call : timeline.calls()) {
      complete(events, KERNELS, call.kernel(), "kernel", call.start() - zero, call.nanos())
          .putObject("args")
          .put("operands", call.shape())
          .put("flops", call.flops())
          .put("bytes", call.bytes())
          .put("launches", call.launches());
    }
    try {
      return new ObjectMapper().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON in memory: " + e.getMessage(), e);
    }
  }

  private static void name(ArrayNode events, String what, int track, String name) {
    ObjectNode event = events.addObject().put("name", what).put("ph", "M").put("pid", PROCESS);
    if (track > 0) {
      event.put("tid", track);
    }
    event.putObject("args").put("name", name);
  }

  private static ObjectNode complete(
      ArrayNode events, int track, String name, String category, long from, long nanos) {
    return events
        .addObject()
        .put("name", name)
        .put("cat", category)
        .put("ph", "X")
        .put("pid", PROCESS)
        .put("tid", track)
        .put("ts", 1e-3 * from)
        .put("dur", 1e-3 * nanos);
  }
}
