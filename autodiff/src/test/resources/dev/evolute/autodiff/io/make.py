"""Makes the files of this folder, with the reference implementations (numpy, safetensors).

Element (i, j) of a [3 x 4] array is 10 i + j + 1/8, exact in every type that is read.
"""

import numpy as np
from safetensors.numpy import save_file

x = np.add.outer(10.0 * np.arange(3), np.arange(4)) + 0.125

np.save("c_f8.npy", x)
np.save("c_f4.npy", x.astype("<f4"))
np.save("fortran_f8.npy", np.asfortranarray(x))
np.save("fortran_3d_f4.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
np.save("big_endian_f8.npy", x.astype(">f8"))
np.save("big_endian_f4.npy", x.astype(">f4"))
np.save("scalar_f8.npy", np.float64(0.1))
np.save("vector_f4.npy", x[0].astype("<f4"))
np.save("empty_f8.npy", np.zeros((0, 5)))
np.save("integers.npy", np.arange(5))
np.save("bytes_u1.npy", np.array([[0, 1, 127], [128, 254, 255]], dtype="u1"))
np.save("big_endian_i2.npy", np.array([-32768, -1, 0, 258], dtype=">i2"))
np.save("booleans.npy", np.array([True, False, True]))
np.save("inexact_u8.npy", np.array([2**53, 2**64 - 1], dtype="<u8"))
np.save("records.npy", np.zeros(2, dtype=[("a", "<f4")]))
for version in (2, 3):
    with open(f"version_{version}.npy", "wb") as file:
        np.lib.format.write_array(file, x, version=(version, 0))
np.savez("stored.npz", W1=x, b1=x[0])
np.savez_compressed("compressed.npz", W1=x.astype("<f4"), b1=x[0].astype("<f4"))

save_file({"W1": x.astype("<f4"), "b1": x[0].astype("<f4")}, "f4.safetensors")
save_file({"W1": x, "b1": x[0]}, "f8.safetensors", metadata={"format": "np", "by": "make.py"})
save_file({"h": x.astype("<f4"), "d": x}, "mixed.safetensors")
save_file({"h": x.astype("<f2")}, "f2.safetensors")
