/**
 * Networks by the names a user types. It may import {@code dev.evolute.app.data} and {@code
 * dev.evolute.autodiff}.
 */
package dev.evolute.app.model;
