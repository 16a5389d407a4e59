package dev.evolute.autodiff.graph;

import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What some terms of a graph's loss need to run: the values to compute, and the place of each of
 * their buffers. Nothing is allocated, so that the memory of a program is known before it is taken.
 */
final class Layout {
  /** The places of one value's buffers; null where there is no such buffer. */
  static final class Places {
    MemoryPlan.Slot out;
    MemoryPlan.Slot cotangent;
    MemoryPlan.Slot tangent;
    MemoryPlan.Slot tangentCotangent;
    final List<MemoryPlan.Slot> saved = new ArrayList<>();
    final List<MemoryPlan.Slot> kept = new ArrayList<>();
    final List<MemoryPlan.Slot> savedTangent = new ArrayList<>();
  }

  final Graph graph;
  final boolean curved;

  /** What the terms need, in recorded order. */
  final List<Value> live;

  /** The data among them. */
  final List<Value> data = new ArrayList<>();

  /** Parameters that the terms do not see. */
  final List<Value> idle = new ArrayList<>();

  final Map<Value, Places> places = new HashMap<>();

  /** Elements of the values, cotangents, and of what reverse passes keep. */
  final long primalElements;

  /** Elements of the tangents of all these, which are alive during a product only. */
  final long tangentElements;

  Layout(Graph graph, List<Value> terms, boolean curved) {
    this.graph = graph;
    this.curved = curved;
    live = reachable(terms);
    MemoryPlan primal = new MemoryPlan();
    MemoryPlan tangents = new MemoryPlan();
    place(primal, tangents);
    primalElements = primal.place();
    tangentElements = tangents.place();
  }

  private List<Value> reachable(List<Value> terms) {
    Set<Value> needed = new HashSet<>(terms);
    List<Value> found = new ArrayList<>();
    List<Value> all = graph.computed();
    for (int i = all.size() - 1; i >= 0; i--) {
      Value value = all.get(i);
      if (needed.contains(value)) {
        found.add(value);
        needed.addAll(value.inputs());
      }
    }
    for (Value value : graph.data()) {
      if (needed.contains(value)) {
        data.add(value);
      }
    }
    for (Value parameter : graph.parameters()) {
      if (!needed.contains(parameter)) {
        idle.add(parameter);
      }
    }
    Collections.reverse(found);
    return found;
  }

  /**
   * Step i of 2 n computes value i, step 2 n - 1 - i its cotangent. In a curvature program primal
   * values never die, and steps of the tangent passes start at 0 again; tangents live to the end of
   * the reverse pass, which may be run more than once.
   */
  private void place(MemoryPlan primal, MemoryPlan tangents) {
    int end = 2 * live.size();
    for (int i = 0; i < live.size(); i++) {
      Value value = live.get(i);
      Places p = new Places();
      places.put(value, p);
      int back = end - 1 - i;
      boolean term = value.op().isLoss();
      if (!term) {
        p.out = primal.slot(value.shape().size(), i, curved ? end : i);
      }
      for (long size : value.op().saved(value.inputs())) {
        p.saved.add(primal.slot(size, i, curved ? end : value.differentiable() ? back : i));
      }
      if (!value.differentiable()) {
        continue;
      }
      if (curved) {
        for (long size : value.op().kept(value.inputs())) {
          p.kept.add(primal.slot(size, 0, end));
        }
        for (long size : value.op().savedTangent(value.inputs())) {
          p.savedTangent.add(tangents.slot(size, i, end));
        }
      }
      if (!term) {
        p.out.last = value.op().readsResult() ? Math.max(p.out.last, back) : p.out.last;
        p.cotangent = primal.slot(value.shape().size(), curved ? 0 : back, curved ? end : back);
        if (curved) {
          p.tangent = tangents.slot(value.shape().size(), i, end);
          p.tangentCotangent = tangents.slot(value.shape().size(), back, back);
        }
      }
    }
    for (int i = 0; i < live.size(); i++) {
      Value value = live.get(i);
      int back = end - 1 - i;
      boolean readLater = value.differentiable() && value.op().readsInputs();
      for (Value input : value.inputs()) {
        Places p = places.get(input);
        if (p == null) {
          continue;
        }
        p.out.last = Math.max(p.out.last, readLater ? back : i);
        if (p.cotangent != null) {
          p.cotangent.first = Math.min(p.cotangent.first, back);
        }
        if (p.tangentCotangent != null) {
          p.tangentCotangent.first = Math.min(p.tangentCotangent.first, back);
        }
      }
    }
  }

  /**
   * Bytes of everything primal: values and cotangents, data, and their packed copies, these without
   * the padding that depends on the device.
   */
  long primalBytes(DType dtype) {
    long elements = primalElements;
    for (Value value : data) {
      elements += value.shape().size();
    }
    for (Value value : live) {
      elements += value.op().packed(value.inputs());
    }
    return elements * dtype.bytes();
  }

  /** Bytes of theta, of the vectors beside it, and of the tangents. */
  long tangentBytes(DType dtype) {
    return ((curved ? 4 : 2) * graph.size() + tangentElements) * dtype.bytes();
  }
}
