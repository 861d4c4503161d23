"""Names by which the code of a stored function is judged: what computes, and what reaches beyond tensors.

Sources: the reference of Python's built-ins and standard library, of NumPy 2, of TensorFlow 2.21 and of Keras 3.15.1.
"""

from __future__ import annotations

MODULES = frozenset(
    (
        "asyncio base64 bdb builtins cProfile cloudpickle code codecs codeop commands concurrent ctypes dill distutils ensurepip "
        "faulthandler fcntl ftplib gc glob http httplib imp importlib inspect io joblib marshal mmap multiprocessing nt os "
        "pathlib pdb pickle pip pkgutil platform posix posixpath pty requests resource runpy sched select setuptools shelve "
        "shutil signal site smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig tarfile telnetlib tempfile threading "
        "timeit trace types urllib urllib2 urllib3 venv webbrowser winreg wsgiref xmlrpc zipfile zipimport"
    ).split()
)
"""Modules that reach the system, other processes, the network, files, or Python itself."""

BUILTINS = frozenset(
    (
        "__builtins__ __import__ __loader__ __spec__ breakpoint compile delattr eval exec execfile exit file getattr globals input locals "
        "open quit raw_input reload setattr vars"
    ).split()
)
"""Built-ins that run text as code, open files, or reach attributes by any way but their name in the code."""

ATTRIBUTES = frozenset(
    (
        "Checkpoint DataSource EagerPyFunc FixedLengthRecordDataset LoadLibrary MatchingFiles PrintV2 PyFunc PyFuncStateless "
        "ReadFile RestoreV2 Save SaveV2 Saver TFRecordDataset TFSMLayer TextLineDataset WriteFile cr_frame create_file_writer "
        "ctypeslib deserialize deserialize_keras_object dump enable_unsafe_deserialization extract_archive f2py f_back "
        "f_builtins f_globals f_locals fromfile fromregex func_code func_globals genfromtxt get_file gfile gi_code gi_frame "
        "import_module io_callback load load_inline load_library load_model load_module load_op_library "
        "load_state_dict_from_url load_weights loadtxt matching_files memmap model_from_config model_from_json model_from_yaml "
        "numpy_function open open_memmap popen pure_callback py_func py_function read_file run_module run_path runstring save "
        "save_model save_weights savetxt savez savez_compressed spawn startfile system tb_frame tofile write_file write_graph"
    ).split()
)
"""Attributes that read or write files, make objects of descriptions, load code, call Python from a graph, or lead to frames and globals."""

DUNDERS = frozenset(
    (
        "__base__ __bases__ __builtins__ __class__ __closure__ __code__ __dict__ __func__ __getattribute__ __globals__ __import__ "
        "__init__ __init_subclass__ __loader__ __mro__ __reduce__ __reduce_ex__ __self__ __setattr__ __spec__ __subclasses__ "
        "__subclasshook__ __traceback__ __wrapped__"
    ).split()
)
"""Attributes that lead from a value to its class and on to everything that Python has loaded."""

COMPUTING_MODULES = frozenset(
    "F K T backend jax jnp keras layers math np numpy nn ops tensorflow tf th theano torch".split()
)
"""Names under which libraries that compute are imported."""

NAMESPACES = frozenset(
    (
        "activations backend bitwise compat constraints dtypes experimental fft functional image initializers keras layers lax linalg "
        "math nn numpy ops random sets signal sparse special strings tensor v1 v2"
    ).split()
)
"""Parts of those libraries that compute only."""

COMPUTING_BUILTINS = frozenset(
    (
        "Ellipsis NotImplemented abs all any bool complex dict divmod enumerate filter float frozenset int isinstance iter len list map "
        "max min next pow print range reversed round set slice sorted str sum tuple unicode xrange zip"
    ).split()
)
"""Built-ins that compute with what they are given."""

WORDS = frozenset(
    "code commands exit file http input io load open platform resource save select signal site spawn trace types".split()
)
"""Those of the names above that are everyday words: alarming as what they are, but not wherever they stand."""

ALARMING = (MODULES | BUILTINS | ATTRIBUTES | DUNDERS) - WORDS - {"__class__", "__init__", "__traceback__"}
"""Names that alarm wherever they stand in code of which only the names can be read."""
