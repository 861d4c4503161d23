"""Every reason why a site has no fix, each with the program that has it. The reason is part of what a person reads."""

from __future__ import annotations

import pytest
from harness.tool import findings, fixed

HEAD = "import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras.layers import Dense, Lambda, Layer\n"

REASONS = {
    # the call
    "several functions may reach this layer": "for f in (lambda x: x, lambda x: -x):\n    Lambda(f, name=f.__name__)",
    "the layer takes `*` or `**` arguments": "Lambda(lambda x: x, **kwargs)",
    "what `mask=` is, is not known here": "Lambda(lambda x: x, mask=m)",
    "the function of the shape or mask takes other arguments": "Lambda(lambda x: x, mask=lambda x: None)",
    "the function of the shape or mask uses the name `mask`": "Lambda(lambda x: x, mask=lambda mask, m: mask if m is None else m)",
    "`arguments=` is not a literal dict": "Lambda(lambda x, a: x * a, arguments=options)",
    "`arguments=` has a key that is not a literal": "Lambda(lambda x, a: x * a, arguments={k: 1})",
    "Keras cannot infer the output shape: state it": "Lambda(lambda x: tf.py_function(abs, [x], tf.float32))",
    "the declared one is neither a literal tuple nor a function": "Lambda(lambda x: tf.py_function(abs, [x], tf.float32), output_shape=s)",
    # the parameters
    "the function takes no inputs by position": "Lambda(lambda *x: x[0])",
    "the function reads its parameter `*rest`": "Lambda(lambda x, *rest: (x, *rest))",
    "nothing gives a value to the parameter `a`": "Lambda(lambda x, a: x * a)",
    "the function has no parameter `b`": "Lambda(lambda x, a: x * a, arguments={'a': 1, 'b': 2})",
    "the function's parameter is called `self`": "def b():\n    def f(self): return self * 2\n    return Lambda(f)",
    "the function assigns to its parameter `a`": (
        "def b():\n    def f(x, a=1):\n        a = a + 1\n        return x * a\n    return Lambda(f)"
    ),
    # the body
    "the function is asynchronous": "def b():\n    async def f(x): return x\n    return Lambda(f)",
    "is decorated": "def b():\n    @a\n    def f(x): return x\n    return Lambda(f)",
    "is a generator, waits, or rebinds names outside": "def b():\n    def f(x): yield x\n    return Lambda(f)",
    "`__a` means something else inside a class": "__a = 1\nLambda(lambda x: x * __a)",
    "the function uses `super`": "class C:\n    def b(self):\n        def f(x): return super().g(x)\n        return Lambda(f)",
    "creates a variable each time it runs": "Lambda(lambda x: x * tf.Variable(2.0))",
    "creates a layer in a loop, on a condition": "Lambda(lambda x: [Dense(3)(x) for k in range(2)])",
    "creates a layer each time it runs, and does more than call it": "Lambda(lambda x: f(Dense(3), x))",
    "creates a layer of `x`": "Lambda(lambda x: Dense(x.shape[-1])(x))",
    "a parameter of the function has a layer or a variable as default": "def f(x, d=Dense(3)): return d(x) * x\nLambda(f)",
    "the lambda holds a string over several lines": "Lambda(lambda x: f(x, '''a\nb'''))",
    "the function holds a string over several lines": "def b():\n    def f(x):\n        return g(x, '''a\nb''')\n    return Lambda(f)",
    # other uses
    "`f` is also used outside the layer": "def b(x):\n    def f(x): return x * 2\n    return Lambda(f)(f(x))",
    "`f` calls itself": "def b():\n    def f(x): return f(x - 1)\n    return Lambda(f)",
    # the captures
    "`self.a` is set only after the layer is made": (
        "class C:\n    def __init__(self, a):\n        self.m = Lambda(lambda x: x * self.a)\n        self.a = a"
    ),
    "the layer is made where it runs, and `y` may be a tensor there": (
        "class C(keras.layers.Layer):\n    def call(self, x, y):\n        y = y + 1\n        return Lambda(lambda x: x * y)(x)"
    ),
    "`t` has to be an input of the layer, which is not called where it is made": "t = keras.Input((3,))\nLambda(lambda x: x * t)",
    "which is called with more than its inputs": "t = keras.Input((3,))\nLambda(lambda x: x * t)(t, training=True)",
    "is a layer: call it outside the function": "d = Dense(3)\nLambda(lambda x: d(x) + 1)",
    "is a model: call it outside the function": "m = keras.Sequential()\nLambda(lambda x: [m, x])",
    "`a` is an array that may hold no floats": "a = np.load('a.npy')\nLambda(lambda x: tf.gather(x, a))",
    "numpy is not imported at the top": "if c:\n    import numpy as np\ndef b():\n    a = np.ones(3)\n    return Lambda(lambda x: x * a)",
    "`a` is made by `tf.split`": "a = tf.split(b, 3)\nLambda(lambda x: x * a[0])",
    "is a function that only exists while this code runs": "def b():\n    class G: pass\n    return Lambda(lambda x: x + G)",
    "`g` is called: what it is cannot be put into a config": "def b(g):\n    return Lambda(lambda x: g(x) + 1)",
    "the function uses `self` as a whole": "class C:\n    def b(self):\n        return Lambda(lambda x: f(self, x))",
    "`a` is unpacked": "def b(a):\n    return Lambda(lambda x: f(x, *a))",
    "the function looks up rows of `a`": "class C:\n    def b(self):\n        a = self.a()\n        return Lambda(lambda x: tf.gather(a, x))",
    "`a` is an object with attributes such as `RATE`": "def b(a):\n    print(a.RATE)\n    return Lambda(lambda x: f(a, x))",
    "`a` has to be an input of the layer, which is not called where it is made": (
        "class C:\n    def b(self, y):\n        m = tf.cast(y, float)\n        return self.c(y, m)\n\n"
        "    def c(self, y, a=None):\n        return Lambda(lambda x: x * a)"
    ),
    "`a` is given what `tf.ones` returns": "def b(y, a):\n    return Lambda(lambda x: x * a)(y)\nb(z, tf.ones(n))",
    "`a` has to be an input of the layer, which is called with more than its inputs": (
        "def b(y, *, a):\n    return Lambda(lambda x: x * a)(y, training=True)\nb(z, a=tf.abs(z))"
    ),
    # the variables
    "the variable `v` is also used outside the layer": "v = tf.Variable(1.0)\nLambda(lambda x: x * v)\nprint(v)",
    "`v` is bound more than once": "v = tf.Variable(1.0)\nif a:\n    v = tf.Variable(2.0)\nLambda(lambda x: x * v)",
    "the variable is a weight of another layer": "def b(layer):\n    v = layer.add_weight(shape=())\n    return Lambda(lambda x: x * v)",
    "the initial value of `v` is not a literal": "v = tf.Variable(np.eye(3) @ a)\nLambda(lambda x: x * v)",
    "`v` has no initial value": "v = tf.Variable()\nLambda(lambda x: x * v)",
    "whether `v` trains is not a literal": "v = tf.Variable(1.0, trainable=t)\nLambda(lambda x: x * v)",
    "`v` is made with `shape`, which no weight has": "v = tf.Variable(1.0, shape=s)\nLambda(lambda x: x * v)",
    "the variable is made with `**` arguments": "v = tf.Variable(1.0, **options)\nLambda(lambda x: x * v)",
    "`v` is an integer variable, which no optimiser trains": "v = tf.Variable(1)\nLambda(lambda x: x * tf.cast(v, x.dtype))",
    "the variable `a` is passed as an argument": (
        "def make(a):\n    return lambda x: x * a\nv = tf.Variable(1.0)\nLambda(make(v))"
    ),
    "`u` is not bound once": "u = v = tf.Variable(1.0)\nLambda(lambda x, a: x * a, arguments={'a': u})",
    "the function calls methods of the variable `e`": (
        "Lambda(lambda x, e: x * e.value(), arguments={'e': tf.Variable(1.0)})"
    ),
    "several layers may share the variable `w`": (
        "w = tf.Variable(1.0)\nfor k in b:\n    Lambda(lambda x, a: x * a, arguments={'a': w})"
    ),
    "is bound together with other names": "v = w = tf.Variable(1.0)\nLambda(lambda x: x * v)",
    "several layers share the variable `v`, and are not called where they are made": (
        "v = tf.Variable(1.0)\na = [Lambda(lambda x: x * v), Lambda(lambda x: x + v)]"
    ),
    "several layers may share the variable `v`": "v = tf.Variable(1.0)\nfor k in b:\n    Lambda(lambda x: x * v)",
    "a layer that hands it out needs a named input": (
        "v = tf.Variable(1.0)\na = Lambda(lambda x: x * v)(b.c)\nd = Lambda(lambda x: x + v)(a)"
    ),
    # a function of the module that has to move
    "`f` is also used outside": "v = tf.Variable(1.0)\ndef f(x): return x * v\nLambda(f)\nprint(f)",
    "`f` is bound more than once in the module": "v = tf.Variable(1.0)\nf = abs\ndef f(x): return x * v\nLambda(f)",
}


@pytest.mark.parametrize(("reason", "program"), REASONS.items(), ids=REASONS)
def test_says_why(reason: str, program: str) -> None:
    text = f"{HEAD}{program}\n"
    refused = [finding for finding in findings(text) if finding.fix is None]
    assert refused
    assert all(reason in (finding.no_fix or "") for finding in refused), {finding.no_fix for finding in refused}
    assert fixed(text).source.text == text
