namespace Fn.Api.Json;

/// <summary>What a request's JSON object is read into, field by field, in the order sent.</summary>
internal interface IJsonInput
{
    /// <summary>Takes one field. A field it does not know is left alone; a value of the wrong type throws <see cref="System.Text.Json.JsonException"/>.</summary>
    /// <param name="name">The field's name in lower case: names are matched without regard to case.</param>
    /// <param name="value">Stands at the field's value. It is moved past it afterwards, read or not.</param>
    void ReadField(string name, ref JsonValueReader value);
}
