//! Asking the running server.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use base::Secret;

use crate::command::DataOption;
use crate::control::{Answer, Environment, Question};
use crate::data::DataFolder;
use crate::failure::Failure;

/// Asks the server of the data folder in `option`.
pub(crate) fn ask(option: &DataOption, question: &Question) -> Result<Answer, Failure> {
    let mut stream = connect(option)?;
    let path = DataFolder::at(option.data.clone())?.control();
    let talked = talk(&mut stream, question).map_err(Failure::file(&path))?;
    match talked {
        Answer::Refused(reason) => Err(Failure::Refused(reason)),
        answer => Ok(answer),
    }
}

/// Reaches the server of the data folder in `option`.
pub(crate) fn connect(option: &DataOption) -> Result<UnixStream, Failure> {
    let data = DataFolder::at(option.data.clone())?;
    let path = data.control();
    UnixStream::connect(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => Failure::Refused(format!(
            "no server is running on {}: start one with `alcazar serve`, or name its data folder with --data",
            data.path().display()
        )),
        _ => Failure::file(&path)(error),
    })
}

/// Asks for an environment.
pub(crate) fn environment(
    option: &DataOption,
    question: &Question,
) -> Result<Environment, Failure> {
    match ask(option, question)? {
        Answer::Environment(environment) => Ok(environment),
        _ => Err(Failure::Refused(
            "the server answered another question".into(),
        )),
    }
}

fn talk(stream: &mut UnixStream, question: &Question) -> std::io::Result<Answer> {
    let line = Secret::new(serde_json::to_string(question)?);
    stream.write_all(line.expose().as_bytes())?;
    stream.write_all(b"\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let text = Secret::new(text);
    Ok(serde_json::from_str(text.expose())?)
}
