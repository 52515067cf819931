"""AWS Lambda Powertools for Python, as a program that reads parameters as `chamber` does: all below a path.

    parameters.py PATH NAME

Prints JSON: the parameters below the path, by what follows it, and the one of this name.
"""

import json
import sys

from aws_lambda_powertools.utilities import parameters


def main(path, name):
    below = parameters.get_parameters(path, recursive=True, decrypt=True)
    one = parameters.get_parameter(name, decrypt=True)
    print(json.dumps({"below": below, "one": one}))


if __name__ == "__main__":
    main(*sys.argv[1:])
